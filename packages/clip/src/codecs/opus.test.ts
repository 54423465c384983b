import { expect, test } from 'vitest';
import { opusDuration } from './opus.ts';

/** Configuration number, stereo bit left 0, frame count code (RFC 6716 section 3.1). */
const toc = (configuration: number, code: number): number => (configuration << 3) | code;

test.each([
  ['SILK 10 ms', [toc(0, 0)], 480],
  ['SILK 40 ms', [toc(6, 0)], 1920],
  ['SILK 60 ms', [toc(11, 0)], 2880],
  ['hybrid 10 ms', [toc(14, 0)], 480],
  ['hybrid 20 ms', [toc(13, 0)], 960],
  ['CELT 2.5 ms', [toc(28, 0)], 120],
  ['CELT 20 ms', [toc(31, 0)], 960],
  ['two frames of one size', [toc(31, 1)], 1920],
  ['two frames of two sizes', [toc(31, 2)], 1920],
  ['three frames, counted in the second byte', [toc(31, 3), 0x80 | 3], 2880],
])('%s', (_name, packet, samples) => {
  expect(opusDuration(Uint8Array.from(packet))).toBe(samples);
});

test('a packet that is too short says none', () => {
  expect(opusDuration(Uint8Array.of())).toBeUndefined();
  expect(opusDuration(Uint8Array.of(toc(31, 3)))).toBeUndefined();
});
