import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayWindow } from './replay-window.ts';

describe('ReplayWindow', () => {
  it('takes each index once', () => {
    const window = new ReplayWindow();
    expect(window.highest).toBe(-1);
    for (const index of [0, 5, 3, 1023, 4]) {
      expect(window.isFresh(index)).toBe(true);
      window.add(index);
      expect(window.isFresh(index)).toBe(false);
    }
    expect(window.highest).toBe(1023);
    expect(window.isFresh(2)).toBe(true);
  });

  it('takes nothing older than its size', () => {
    const window = new ReplayWindow(64);
    window.add(100);
    expect(window.isFresh(37)).toBe(true);
    expect(window.isFresh(36)).toBe(false);
  });

  it('works at indexes beyond 32 bits', () => {
    const window = new ReplayWindow();
    const index = 2 ** 47;
    window.add(index);
    window.add(index - 1);
    expect([index, index - 1, index - 2, index + 1].map((other) => window.isFresh(other))).toEqual([false, false, true, true]);
  });

  it('forgets the indexes that it skips', () => {
    const window = new ReplayWindow(64);
    for (const index of [1, 2, 64, 67]) window.add(index);
    expect([65, 66].map((index) => window.isFresh(index))).toEqual([true, true]);
  });

  it('agrees with a set of all indexes seen', () => {
    const size = 64;
    const step = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -66, max: 6 }) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const window = new ReplayWindow(size);
        const seen = new Set<number>();
        let highest = 0;
        for (const by of steps) {
          const index = Math.max(0, highest + by);
          expect(window.isFresh(index)).toBe(index > highest - size && !seen.has(index));
          if (!window.isFresh(index)) continue;
          window.add(index);
          seen.add(index);
          highest = Math.max(highest, index);
        }
      }),
    );
  });
});
