import { expect, it } from 'vitest';
import { ArrivalClock } from './arrival-clock.ts';

it('goes on where the 24 bits of the reference time wrap, in both directions', () => {
  const clock = new ArrivalClock();
  const references = [0x7f_fffe, 0x7f_ffff, -0x80_0000, -0x7f_ffff, -0x80_0000, 0x7f_ffff];
  const unwrapped = references.map((reference) => reference * 64 + clock.offset(reference));
  const start = 0x7f_fffe * 64;
  expect(unwrapped.map((time) => time - start)).toEqual([0, 64, 128, 192, 128, 64]);
});
