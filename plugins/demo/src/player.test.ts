import { FakeClock, FakeTrack } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import type { Clip } from './clip.ts';
import { readClip } from './clip.ts';
import { playInLoop } from './player.ts';
import { ivfOf, opusFileOf } from './testing/containers.ts';

const keyframe = Uint8Array.of(0x10, 0xaa);
const delta = Uint8Array.of(0x11, 0xbb);
const opus20Ms = Uint8Array.of(31 << 3, 0xcc);

/** 25 frames of picture with keyframes at 0 and 520 ms, 50 packets of sound: one second. */
function oneSecond(): Clip {
  const video = Array.from({ length: 25 }, (_, at) => (at === 0 || at === 13 ? keyframe : delta));
  return readClip(ivfOf(video), opusFileOf(Array.from({ length: 50 }, () => opus20Ms)));
}

function start(clip = oneSecond()) {
  const clock = new FakeClock();
  const video = new FakeTrack('picture', 'video');
  const audio = new FakeTrack('sound', 'audio');
  const stop = playInLoop({ clip, clock, video, audio });
  return { clock, video, audio, stop };
}

const multiples = (count: number, step: number) => Array.from({ length: count }, (_, at) => at * step);
const pictureIds = (written: readonly { payload: Uint8Array }[]) => written.map(({ payload }) => ((payload[2]! & 0x7f) << 8) | payload[3]!);

test('timestamps and picture ids run on over loops, picture and sound in step', async () => {
  const { clock, video, audio } = start();
  await clock.advance(2_999);
  expect(video.written.map(({ timestamp }) => timestamp)).toEqual(multiples(75, 3_600));
  expect(audio.written.map(({ timestamp }) => timestamp)).toEqual(multiples(150, 960));
  expect(pictureIds(video.written)).toEqual(multiples(75, 1));
});

test('nothing is written before it is due', async () => {
  const { clock, video, audio } = start();
  expect([video.written.length, audio.written.length]).toEqual([1, 1]);
  await clock.advance(19);
  expect([video.written.length, audio.written.length]).toEqual([1, 1]);
  await clock.advance(1);
  expect([video.written.length, audio.written.length]).toEqual([1, 2]);
  await clock.advance(20);
  expect([video.written.length, audio.written.length]).toEqual([2, 3]);
});

test('the marker stands on the last packet of a frame only', () => {
  const large = Uint8Array.from({ length: 3_000 }, () => 0x10);
  const { video } = start(readClip(ivfOf([large, delta]), opusFileOf([opus20Ms])));
  expect(video.written.map(({ marker, timestamp }) => [marker, timestamp])).toEqual([[false, 0], [false, 0], [true, 0]]);
});

test('timers that fire late do not add up', async () => {
  const { clock, video } = start();
  const setTimeoutOnTime = clock.setTimeout.bind(clock);
  clock.setTimeout = (task, delayMs) => setTimeoutOnTime(task, delayMs + 7);
  await clock.advance(60_000);
  expect(Math.abs(video.written.length - 1_500)).toBeLessThanOrEqual(1);
});

test('a short stall is caught up', async () => {
  const { clock, video } = start();
  await clock.advance(100);
  await stall(clock, 200);
  expect(video.written.map(({ timestamp }) => timestamp)).toEqual(multiples(9, 3_600));
});

test('after a long pause it goes on at the next keyframe, without a burst', async () => {
  const { clock, video, audio } = start();
  await clock.advance(100);
  const before = { video: video.written.length, audio: audio.written.length };
  await stall(clock, 3_600_000);
  expect({ video: video.written.length, audio: audio.written.length }).toEqual(before);

  await clock.advance(419);
  const [next] = video.written.slice(before.video);
  expect(next).toMatchObject({ timestamp: (3_600_520 * 90) % 2 ** 32, marker: true });
  expect(next?.payload.subarray(4)).toEqual(keyframe);
  expect(pictureIds(video.written)).toEqual(multiples(before.video + 1, 1));
  expect(audio.written.at(-1)?.timestamp).toBe(3_600_520 * 48);
});

test('a pause past the last keyframe of a loop goes on with the next loop', async () => {
  const { clock, video } = start();
  await clock.advance(100);
  const before = video.written.length;
  await stall(clock, 700);
  await clock.advance(200);
  expect(video.written.slice(before).map(({ timestamp }) => timestamp)).toEqual([90_000]);
});

test('timestamps wrap at 32 bits', async () => {
  const { clock, video } = start();
  const wrapMs = 2 ** 32 / 90;
  await stall(clock, wrapMs);
  await clock.advance(1_000);
  expect(video.written.at(-1)?.timestamp).toBeLessThan(180_000);
});

test('stop leaves no timer and writes nothing more', async () => {
  const { clock, video, stop } = start();
  await clock.advance(500);
  const before = video.written.length;
  stop();
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(video.written).toHaveLength(before);
});

/** Time passes, but no timer can run meanwhile, as when a laptop sleeps. */
async function stall(clock: FakeClock, byMs: number): Promise<void> {
  const offset = clock.monotonic.bind(clock);
  clock.monotonic = () => offset() + byMs;
  await clock.advance(20);
}
