import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceUnwrapper, isNewerSequence, sequenceDistance } from './sequence.ts';

describe('sequence numbers', () => {
  it.each([
    [0, 1, 1],
    [1, 0, -1],
    [65535, 0, 1],
    [0, 65535, -1],
    [65000, 500, 1036],
    [0, 32767, 32767],
    [0, 32768, -32768],
    [7, 7, 0],
  ])('from %i to %i is %i', (from, to, distance) => {
    expect(sequenceDistance(from, to)).toBe(distance);
    expect(isNewerSequence(to, from)).toBe(distance > 0);
  });

  it('unwraps forwards, backwards and over the wrap', () => {
    const unwrapper = new SequenceUnwrapper();
    expect(unwrapper.highest).toBeUndefined();
    const numbers = [65534, 65535, 0, 65533, 2, 1].map((sequenceNumber) => unwrapper.unwrap(sequenceNumber));
    expect(numbers).toEqual([65534, 65535, 65536, 65533, 65538, 65537]);
    expect(unwrapper.highest).toBe(65538);
  });

  it('goes below zero for a packet from before the first, with the right low bits', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(0);
    const before = unwrapper.unwrap(65535);
    expect(before).toBe(-1);
    expect(before & 0xffff).toBe(65535);
  });

  it('starts over when reset', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(60000);
    unwrapper.reset();
    expect(unwrapper.unwrap(5)).toBe(5);
  });

  it('gives back any sequence whose steps stay within half the circle', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(fc.integer({ min: 1, max: 0x7fff }), { maxLength: 50 }), (start, steps) => {
        const unwrapper = new SequenceUnwrapper();
        let expected = start;
        expect(unwrapper.unwrap(start)).toBe(start);
        for (const step of steps) {
          expected += step;
          expect(unwrapper.unwrap(expected & 0xffff)).toBe(expected);
        }
      }),
    );
  });
});
