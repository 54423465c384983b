import { expect, test } from 'vitest';
import { loadDemoClip, readClip } from './clip.ts';
import { ivfOf, opusFileOf } from './testing/containers.ts';

const keyframe = Uint8Array.of(0x10);
const delta = Uint8Array.of(0x11);
const opus20Ms = Uint8Array.of(31 << 3);

test('merges picture and sound by time and cuts sound that is longer', () => {
  const clip = readClip(ivfOf([keyframe, delta]), opusFileOf([opus20Ms, opus20Ms, opus20Ms, opus20Ms, opus20Ms]));
  expect(clip.durationMs).toBe(80);
  expect(clip.frames.map(({ kind, atMs, timestamp }) => [kind, atMs, timestamp])).toEqual([
    ['video', 0, 0],
    ['audio', 0, 0],
    ['audio', 20, 960],
    ['video', 40, 3600],
    ['audio', 40, 1920],
    ['audio', 60, 2880],
  ]);
});

test('refuses a clip that could not be played in a loop', () => {
  const audio = opusFileOf([opus20Ms]);
  expect(() => readClip(ivfOf([]), audio)).toThrow('two frames or more');
  expect(() => readClip(ivfOf([keyframe]), audio)).toThrow('two frames or more');
  expect(() => readClip(ivfOf([delta, keyframe]), audio)).toThrow('a keyframe');
  expect(() => readClip(ivfOf([keyframe, delta], 'AV01'), audio)).toThrow('but it is "AV01"');
});

test('the clip of the package: ten seconds, a keyframe every second, under 700 kB', async () => {
  const { durationMs, frames } = await loadDemoClip();
  const video = frames.filter(({ kind }) => kind === 'video');
  expect(durationMs).toBe(10_000);
  expect(video).toHaveLength(250);
  expect(frames).toHaveLength(250 + 500);
  expect(video.filter((frame) => frame.keyframe).map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((s) => s * 1000));
  expect(frames.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(700_000);
});
