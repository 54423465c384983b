import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SkippedNumbers } from './skipped-numbers.ts';

it('closes the gaps of all that was skipped, and finds the way back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000 }), fc.array(fc.boolean(), { maxLength: 400 }), (first, isSkipped) => {
      const numbers = new SkippedNumbers();
      const kept: number[] = [];
      for (const [index, skip] of isSkipped.entries()) {
        if (skip) numbers.skip(first + index);
        else kept.push(first + index);
      }
      expect(kept.map((number) => numbers.map(number))).toEqual(kept.map((_, index) => first + index));
      expect(kept.map((_, index) => numbers.unmap(first + index))).toEqual(kept);
      const skipped = isSkipped.flatMap((skip, index) => (skip ? [numbers.map(first + index)] : []));
      expect(new Set([undefined, ...skipped])).toEqual(new Set([undefined]));
    }),
  );
});

it('skips what is missing within a picture with it', () => {
  const numbers = new SkippedNumbers();
  numbers.skip(10);
  numbers.extendTo(13);
  expect([9, 10, 11, 12, 13, 14].map((number) => numbers.map(number))).toEqual([9, undefined, undefined, undefined, undefined, 10]);
});

it('remembers so many runs, and knows nothing of what came before', () => {
  const numbers = new SkippedNumbers();
  for (let number = 0; number < 2000; number += 2) numbers.skip(number);
  expect(numbers.map(1)).toBeUndefined();
  expect(numbers.map(1999)).toBe(999);
  expect(numbers.unmap(999)).toBe(1999);
  expect(numbers.map(1999 - 2 * 256)).toBe(999 - 256);
  expect(numbers.unmap(999 - 256)).toBe(1999 - 2 * 256);
  expect(numbers.unmap(999 - 257)).toBeUndefined();
});
