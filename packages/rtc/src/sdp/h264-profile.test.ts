import { describe, expect, it } from 'vitest';

import { h264Profile, lowerH264Level } from './h264-profile.ts';

describe('h264Profile', () => {
  it.each([
    ['42e01f', 'constrained-baseline'],
    ['58c01f', 'constrained-baseline'],
    ['42001f', 'baseline'],
    ['58801f', 'baseline'],
    ['4d001f', 'main'],
    ['4D401F', 'main'],
    ['58001f', 'extended'],
    ['64001f', 'high'],
    ['640c1f', 'constrained-high'],
    ['f4001f', 'high-444-predictive'],
    ['42e11f', '42e1'],
    ['nonsense', 'nonsense'],
  ])('%s is %s', (id, name) => {
    expect(h264Profile(id)).toBe(name);
  });
});

describe('lowerH264Level', () => {
  it.each([
    ['42e01f', '42e034'],
    ['42e00a', '42f00b'],
    ['42f00b', '42e00b'],
    ['58100b', '58000b'],
    ['640009', '64000b'],
    ['64100b', '64000c'],
  ])('%s before %s', (lower, higher) => {
    expect(lowerH264Level(lower, higher)).toBe(lower);
    expect(lowerH264Level(higher, lower)).toBe(lower);
  });
});
