import { expect, test } from 'vitest';
import { formatBitrate, formatBytes, formatCount, formatDuration, formatFrameRate, formatLoss, formatMilliseconds, formatResolution } from './format.ts';

test.each([
  [undefined, '–'],
  [0, '0 kbit/s'],
  [64_000, '64 kbit/s'],
  [999_499, '999 kbit/s'],
  [999_500, '1.00 Mbit/s'],
  [2_345_000, '2.35 Mbit/s'],
])('bitrate %s', (value, text) => expect(formatBitrate(value)).toBe(text));

test.each([
  [undefined, '–'],
  [{}, '–'],
  [{ width: 0, height: 0 }, '–'],
  [{ width: 1280, height: 720 }, '1280×720'],
])('resolution %j', (value, text) => expect(formatResolution(value)).toBe(text));

test.each([
  [undefined, '–'],
  [0, '0 fps'],
  [24.6, '25 fps'],
])('frame rate %s', (value, text) => expect(formatFrameRate(value)).toBe(text));

test.each([
  [undefined, '–'],
  [0, '0 %'],
  [0.003, '0.3 %'],
  [0.0999, '10.0 %'],
  [0.125, '13 %'],
])('loss %s', (value, text) => expect(formatLoss(value)).toBe(text));

test.each([
  [undefined, '–'],
  [0.84, '0.8 ms'],
  [9.96, '10 ms'],
  [123.4, '123 ms'],
])('milliseconds %s', (value, text) => expect(formatMilliseconds(value)).toBe(text));

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000 * 2 + 60_000 * 7, '2 h 7 min'],
  [86_400_000 * 4 + 3_600_000 * 3, '4 d 3 h'],
])('duration %s', (value, text) => expect(formatDuration(value)).toBe(text));

test('counts have a singular', () => {
  expect([0, 1, 2].map((count) => formatCount(count, 'viewer'))).toEqual(['0 viewers', '1 viewer', '2 viewers']);
});

test.each([
  [undefined, '–'],
  [0, '0 B'],
  [999, '999 B'],
  [64_400, '64 KB'],
  [999_500, '1.0 MB'],
  [1_420_000_000, '1.42 GB'],
])('%s bytes', (value, text) => expect(formatBytes(value)).toBe(text));
