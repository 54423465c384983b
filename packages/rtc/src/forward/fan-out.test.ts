import { FakeClock, MemoryLogger } from '@sluice/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FanOut } from './fan-out.ts';
import { LocalMediaTrack } from './local-media-track.ts';
import { createTestFanOut } from './testing/outbound.ts';
import { VP8 } from './testing/sections.ts';

const INTERVAL_MS = 5;
const FRAME_WAIT_MS = 12;

let clock: FakeClock;
let logger: MemoryLogger;
let fanOut: FanOut;
/** What a viewer was passed, one entry for each time. */
let passed: string[][];

beforeEach(() => {
  clock = new FakeClock();
  logger = new MemoryLogger();
  fanOut = createTestFanOut(clock, INTERVAL_MS, logger);
  passed = [];
});

function createSource(onPacket: (payload: string) => void = () => undefined): LocalMediaTrack {
  const source = new LocalMediaTrack({ kind: 'video', codec: VP8, clock, logger, fanOut, keyframeCacheBytes: 0 });
  source.addSink({
    onSourcePackets(packets) {
      const payloads = Array.from({ length: packets.count }, (_, index) => {
        const { view, payloadOffset } = packets.at(index)!;
        // Both ways to the payload must lead to the same bytes.
        expect(fanOut.bytes.subarray(payloadOffset, payloadOffset + view.payloadLength)).toEqual(view.buffer.subarray(view.payloadOffset, view.payloadEnd));
        return fanOut.bytes.toString('utf8', payloadOffset, payloadOffset + view.payloadLength);
      });
      passed.push(payloads);
      for (const payload of payloads) onPacket(payload);
    },
    onSourceEnded: () => void passed.push(['ended']),
  });
  return source;
}

function write(source: LocalMediaTrack, payload: string, { timestamp = 0, marker = true } = {}): void {
  source.write({ payload: Buffer.from(payload), timestamp, marker });
}

it('passes on together what came within the interval', async () => {
  const [one, two] = [createSource(), createSource()];
  write(one, 'a');
  await clock.advance(INTERVAL_MS - 1);
  write(two, 'b');
  write(one, 'c');
  expect(passed).toEqual([]);
  await clock.advance(1);
  expect(passed).toEqual([['a', 'c'], ['b']]);
  await clock.advance(10 * INTERVAL_MS);
  expect(passed).toHaveLength(2);
});

it('passes on earlier when there is no more room, and loses nothing', async () => {
  const source = createSource();
  const payloads = Array.from({ length: 100 }, (_, index) => String(index).padStart(1000, '.'));
  for (const payload of payloads) write(source, payload);
  expect(passed.length).toBeGreaterThan(1);
  await clock.advance(INTERVAL_MS);
  expect(passed.flat()).toEqual(payloads);
  expect(source.notStaged).toBe(0);
});

it('passes on what is left before it says that a source has ended', () => {
  const source = createSource();
  write(source, 'last');
  source.end();
  expect(passed).toEqual([['last'], ['ended']]);
});

it('leaves what a viewer makes the source write meanwhile to the next time', async () => {
  const source = createSource((payload) => payload === 'first' && write(source, 'second'));
  write(source, 'first');
  await clock.advance(INTERVAL_MS);
  expect(passed).toEqual([['first']]);
  await clock.advance(INTERVAL_MS);
  expect(passed).toEqual([['first'], ['second']]);
});

it('logs what a viewer throws, and goes on', async () => {
  const source = createSource((payload) => {
    if (payload === 'bad') throw new Error('cannot');
  });
  write(source, 'bad');
  await clock.advance(INTERVAL_MS);
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { err: { message: 'cannot' } } }]);
  for (const payload of ['good', 'better']) {
    write(source, payload);
    await clock.advance(INTERVAL_MS);
  }
  expect(passed).toEqual([['bad'], ['good'], ['better']]);
});

it('a viewer that fails keeps nothing from those behind it', async () => {
  const source = createSource(() => {
    throw new Error('a viewer failed');
  });
  const [first, second] = [[] as number[], [] as number[]];
  for (const taken of [first, second]) source.addSink({ onSourcePackets: ({ count }) => void taken.push(count), onSourceEnded: () => undefined });
  write(source, 'a');
  await clock.advance(INTERVAL_MS);
  expect([first, second]).toEqual([[1], [1]]);
});

describe('packets of a frame', () => {
  const open = { marker: false };

  beforeEach(() => {
    fanOut = createTestFanOut(clock, INTERVAL_MS, logger, { frameWaitMs: FRAME_WAIT_MS });
  });

  it('wait for the rest of it', async () => {
    const source = createSource();
    write(source, 'a', open);
    await clock.advance(INTERVAL_MS);
    write(source, 'b', open);
    await clock.advance(INTERVAL_MS);
    expect(passed).toEqual([]);
    write(source, 'c');
    await clock.advance(0);
    expect(passed).toEqual([['a', 'b', 'c']]);
  });

  it('wait no longer than they may', async () => {
    const source = createSource();
    write(source, 'a', open);
    await clock.advance(FRAME_WAIT_MS - 1);
    expect(passed).toEqual([]);
    await clock.advance(1);
    expect(passed).toEqual([['a']]);
  });

  it('stay as they are while whole frames of others are passed on, and however much of them comes', async () => {
    const [slow, fast] = [createSource(), createSource()];
    write(slow, 'a', open);
    const payloads = Array.from({ length: 100 }, (_, index) => String(index).padStart(1000, '.'));
    for (const payload of payloads) {
      write(fast, payload);
      if (passed.length < 3) fanOut.flushDue(clock.monotonic());
    }
    write(slow, 'b');
    await clock.advance(FRAME_WAIT_MS);
    expect(passed.flat().filter((payload) => payload.length === 1)).toEqual(['a', 'b']);
    expect(passed.flat().filter((payload) => payload.length > 1)).toEqual(payloads);
    expect([slow.notStaged, fast.notStaged]).toEqual([0, 0]);
  });

  it('that come after its last one wait for nothing more', async () => {
    const source = createSource();
    write(source, 'a', { timestamp: 3000 });
    await clock.advance(INTERVAL_MS);
    write(source, 'late', { timestamp: 3000, marker: false });
    await clock.advance(INTERVAL_MS);
    expect(passed).toEqual([['a'], ['late']]);
    write(source, 'next', { timestamp: 6000, marker: false });
    await clock.advance(INTERVAL_MS);
    expect(passed).toHaveLength(2);
  });

  it('go at once when the next look is too late for them, also without a timer', () => {
    fanOut = createTestFanOut(clock, INTERVAL_MS, logger, { frameWaitMs: FRAME_WAIT_MS, isFlushedSoon: () => true });
    const source = createSource();
    const start = clock.monotonic();
    write(source, 'a', open);
    fanOut.flushDue(start + FRAME_WAIT_MS - INTERVAL_MS - 1);
    expect(passed).toEqual([]);
    fanOut.flushDue(start + FRAME_WAIT_MS - INTERVAL_MS);
    expect(passed).toEqual([['a']]);
  });

  it('have a timer as soon as nobody looks after them any more', async () => {
    let isFlushedSoon = true;
    fanOut = createTestFanOut(clock, INTERVAL_MS, logger, { frameWaitMs: FRAME_WAIT_MS, isFlushedSoon: () => isFlushedSoon });
    const source = createSource();
    write(source, 'a', open);
    isFlushedSoon = false;
    fanOut.flushDue(clock.monotonic());
    expect(passed).toEqual([]);
    await clock.advance(FRAME_WAIT_MS);
    expect(passed).toEqual([['a']]);
  });
});
