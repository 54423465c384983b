import { LoopbackPeer } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Usage } from './support/server-child.ts';
import { type ServerProcess, startServerProcess } from './support/server-process.ts';
import { until } from './support/until.ts';

const CYCLES = 150;
/** Code is still compiled in the first of them, which does not go on; what is held for ever is held in each. */
const MAX_ROUNDS = 3;
/** Enough for code that runs often to be compiled, and for what is remembered of ended sessions to have reached its bounds. */
const WARM_UP_CYCLES = 160;
const AT_A_TIME = 4;
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
/** Per cycle of two sessions, for code that is compiled on the way; a session that stays holds ten times this. */
const TOLERATED_BYTES = 10_000;

let server: ServerProcess;

beforeAll(async () => {
  server = await startServerProcess();
});

afterAll(() => server?.close());

it(`returns to where it was after ${CYCLES} times publish, play and close`, async () => {
  await repeat(WARM_UP_CYCLES);
  let before = await settled();
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    await repeat(CYCLES);
    const after = await settled();
    expect(after.streams).toBe(0);
    expect(after.resources).toEqual(before.resources);
    const grown = after.heapBytes - before.heapBytes;
    if (grown < CYCLES * TOLERATED_BYTES) return;
    expect(round, `it grew by ${grown} bytes in the last round of ${MAX_ROUNDS}`).toBeLessThan(MAX_ROUNDS);
    before = after;
  }
}, 300_000);

async function repeat(cycles: number): Promise<void> {
  for (let start = 0; start < cycles; start += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, lane) => cycle(start + lane)));
  }
}

/** Every other one ends by DELETE, the rest by the peer's own close. */
async function cycle(index: number): Promise<void> {
  const publisher = new LoopbackPeer({ direction: 'sendonly', channel: 'chat' });
  const viewer = new LoopbackPeer({ direction: 'recvonly', channel: 'chat' });
  const stream = `live/cycle-${index}`;
  const publication = await publisher.connect(`${server.url}/whip/${stream}`);
  const playback = await viewer.connect(`${server.url}/whep/${stream}`);
  await until('a packet has gone all the way', () => {
    if (publisher.state === 'connected') publisher.send('video', { payload: KEYFRAME, timestamp: 3000 });
    return viewer.received.length > 0;
  });
  if (index % 2 === 0) await Promise.all([publication, playback].map((session) => fetch(session, { method: 'DELETE' })));
  await Promise.all([viewer.close(), publisher.close()]);
}

/** A peer that went without a word is missed after seconds, and werift's DTLS timers cannot be cancelled: they run out. */
async function settled(): Promise<Usage> {
  await until('every stream has ended', async () => (await server.usage()).streams === 0);
  let last = await server.usage();
  return until('the timers have run out', async () => {
    const now = await server.usage();
    const stable = JSON.stringify(now.resources) === JSON.stringify(last.resources);
    last = now;
    return stable && now.resources['Timeout'] === undefined ? now : undefined;
  }, 60_000);
}
