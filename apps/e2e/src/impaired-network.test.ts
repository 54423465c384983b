import { type ImpairedPath, type PathImpairment, createImpairedPath } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Playback } from './page/peer.ts';
import { leadThrough } from './support/impaired-page.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** Pictures that are watched: some ten seconds. */
const FRAMES = 250;
const DEADLINE_MS = 40_000;
const LONGEST_FREEZE_SECONDS = 1;
const BURST_MS = 200;
const BURST_INTERVAL_MS = 2000;

type Link = NonNullable<PathImpairment['toClient']>;

/** What the network is like so many milliseconds after the start. */
type Weather = (elapsedMs: number) => Link;

const BURSTS: Weather = (elapsedMs) => ({ loss: elapsedMs % BURST_INTERVAL_MS < BURST_MS ? 1 : 0, delayMs: 10 });

const IMPAIRMENTS: readonly (readonly [name: string, network: Link | Weather])[] = [
  ['5 % loss', { loss: 0.05, delayMs: 10 }],
  ['10 % loss', { loss: 0.1, delayMs: 10 }],
  ['bursts of loss of 200 ms', BURSTS],
  ['reordering', { reorder: 0.1, reorderMs: 40, delayMs: 10 }],
  ['duplication', { duplicate: 0.2, delayMs: 10 }],
  ['80 ms of jitter', { jitterMs: 80, reorder: 0.05 }],
];

const stage = useStage();
let path: ImpairedPath;

beforeEach(async () => {
  path = await createImpairedPath({ seed: 7 });
});

afterEach(() => path.close());

async function connect(impaired: Page): Promise<void> {
  await leadThrough(impaired, path);
  const url = (protocol: string): string => `${stage.server.url}/${protocol}/live/a`;
  await stage.publisher.evaluate((whip) => window.peer.publish('publisher', { dialect: 'whip', url: whip }), url('whip'));
  await stage.viewer.evaluate((whep) => window.peer.play('viewer', { dialect: 'whip', url: whep }), url('whep'));
  await expectPlaying(stage.viewer, 'viewer');
}

function playback(): Promise<Playback> {
  return stage.viewer.evaluate(() => window.peer.playback('viewer'));
}

/**
 * Watches until so many pictures were shown.
 * @param look called now and then
 * @returns the longest freeze as the browser measures it, seconds
 */
async function longestFreeze(frames: number, look: (elapsedMs: number) => void): Promise<number> {
  const start = await playback();
  const startedAt = performance.now();
  let before = start;
  let longest = 0;
  await until(`${frames} pictures`, async () => {
    look(performance.now() - startedAt);
    const now = await playback();
    // Freezes that end between two looks are counted as one.
    longest = Math.max(longest, now.freezeSeconds - before.freezeSeconds);
    before = now;
    return now.framesDecoded - start.framesDecoded >= frames;
  }, DEADLINE_MS);
  return longest;
}

/** Both directions suffer: media, and what is said about it. */
async function expectSmooth(network: Link | Weather): Promise<void> {
  const weather = typeof network === 'function' ? network : () => network;
  const longest = await longestFreeze(FRAMES, (elapsedMs) => path.impair({ toClient: weather(elapsedMs), toServer: weather(elapsedMs) }));
  expect(longest).toBeLessThan(LONGEST_FREEZE_SECONDS);
  // Otherwise it would show nothing.
  const { toClient, toServer } = path.counters;
  const touched = [toClient, toServer].map(({ lost, reordered, duplicated }) => lost + reordered + duplicated);
  expect(Math.max(...touched)).toBeGreaterThan(20);
}

describe.each(IMPAIRMENTS)('with %s', (_name, network) => {
  it('between server and viewer, the picture does not freeze for a second', async () => {
    await connect(stage.viewer);
    await expectSmooth(network);
  });

  it('between publisher and server, the picture does not freeze for a second', async () => {
    await connect(stage.publisher);
    await expectSmooth(network);
  });
});
