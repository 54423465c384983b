import type { MediaKind } from '@sluice/core';
import { FakeClock, FakeTrack, settle } from '@sluice/core/testing';
import { expect, test, vi } from 'vitest';
import { type Clip, mergeClips } from './clip.ts';
import { playInLoop } from './play-in-loop.ts';
import { ivfOf, opusFileOf } from './testing/containers.ts';
import { openMemory } from './testing/read-all.ts';

const keyframe = Uint8Array.of(0x10, 0xaa);
const delta = Uint8Array.of(0x11, 0xbb);
const opus20Ms = Uint8Array.of(31 << 3, 0xcc);

/** 25 frames of picture, 50 packets of sound: one second. */
async function oneSecond(): Promise<Clip> {
  const video = Array.from({ length: 25 }, (_, at) => (at === 0 ? keyframe : delta));
  return mergeClips([await openMemory(ivfOf(video)), await openMemory(opusFileOf(Array.from({ length: 50 }, () => opus20Ms)))]);
}

async function start(opening = oneSecond()) {
  const clip = await opening;
  const clock = new FakeClock();
  const codecOf = (kind: MediaKind) => clip.tracks.find((track) => track.kind === kind)?.codec;
  const video = new FakeTrack('picture', 'video', codecOf('video'));
  const audio = new FakeTrack('sound', 'audio', codecOf('audio'));
  const onFailed = vi.fn<(error: unknown) => void>();
  const stop = playInLoop({ clip, clock, tracks: new Map([['video', video], ['audio', audio]]), onFailed });
  await settle();
  return { clock, video, audio, stop, onFailed };
}

const multiples = (count: number, step: number) => Array.from({ length: count }, (_, at) => at * step);
const pictureIds = (written: readonly { payload: Uint8Array }[]) => written.map(({ payload }) => ((payload[2]! & 0x7f) << 8) | payload[3]!);

test('timestamps and picture ids run on over loops, picture and sound in step', async () => {
  const { clock, video, audio } = await start();
  await clock.advance(2_999);
  expect(video.written.map(({ timestamp }) => timestamp)).toEqual(multiples(75, 3_600));
  expect(audio.written.map(({ timestamp }) => timestamp)).toEqual(multiples(150, 960));
  expect(pictureIds(video.written)).toEqual(multiples(75, 1));
});

test('nothing is written before it is due', async () => {
  const { clock, video, audio } = await start();
  expect([video.written.length, audio.written.length]).toEqual([1, 1]);
  await clock.advance(19);
  expect([video.written.length, audio.written.length]).toEqual([1, 1]);
  await clock.advance(1);
  expect([video.written.length, audio.written.length]).toEqual([1, 2]);
  await clock.advance(20);
  expect([video.written.length, audio.written.length]).toEqual([2, 3]);
});

test('the marker stands on the last packet of a frame only', async () => {
  const large = Uint8Array.from({ length: 3_000 }, () => 0x10);
  const { video } = await start(openMemory(ivfOf([large, delta])));
  expect(video.written.map(({ marker, timestamp }) => [marker, timestamp])).toEqual([[false, 0], [false, 0], [true, 0]]);
});

test('timers that fire late do not add up', async () => {
  const { clock, video } = await start();
  const setTimeoutOnTime = clock.setTimeout.bind(clock);
  clock.setTimeout = (task, delayMs) => setTimeoutOnTime(task, delayMs + 7);
  await clock.advance(20_000);
  expect(Math.abs(video.written.length - 500)).toBeLessThanOrEqual(1);
});

test('a short stall is caught up', async () => {
  const { clock, video } = await start();
  await clock.advance(100);
  await stall(clock, 200);
  expect(video.written.map(({ timestamp }) => timestamp)).toEqual(multiples(9, 3_600));
});

test('after a long pause it goes on with the next frame, in step with the clock and without a burst', async () => {
  const { clock, video } = await start();
  await clock.advance(100);
  const before = video.written.length;
  await stall(clock, 3_600_000);
  await clock.advance(40);
  const after = video.written.slice(before);
  expect(after.length).toBeLessThanOrEqual(2);
  expect(after[0]?.timestamp).toBeGreaterThan(3_600_000 * 90);
  expect(pictureIds(video.written)).toEqual(multiples(video.written.length, 1));
});

test('timestamps wrap at 32 bits', async () => {
  const { clock, video } = await start();
  await stall(clock, 2 ** 32 / 90);
  await clock.advance(1_000);
  expect(video.written.at(-1)?.timestamp).toBeLessThan(180_000);
});

test('stop leaves no timer and writes nothing more', async () => {
  const { clock, video, stop, onFailed } = await start();
  await clock.advance(500);
  const before = video.written.length;
  stop();
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(video.written).toHaveLength(before);
  expect(onFailed).not.toHaveBeenCalled();
});

test('a clip that turns out to be damaged says so once, and plays no more', async () => {
  const { clock, video, onFailed } = await start(openMemory(Buffer.from(ivfOf([keyframe, delta, delta])).subarray(0, -1)));
  await clock.advance(1_000);
  expect(onFailed.mock.calls.map(([error]) => String(error))).toEqual([expect.stringContaining('clip.test cannot be read at byte')]);
  expect(video.written).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

/** Time passes, but no timer can run meanwhile, as when a laptop sleeps. */
async function stall(clock: FakeClock, byMs: number): Promise<void> {
  const offset = clock.monotonic.bind(clock);
  clock.monotonic = () => offset() + byMs;
  await clock.advance(20);
}
