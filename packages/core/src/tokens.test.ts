import { describe, expect, it } from 'vitest';
import { randomToken, safeEqual } from './tokens.ts';

describe('randomToken', () => {
  it('is 128 bits of base64url and never the same', () => {
    const tokens = Array.from({ length: 100 }, () => randomToken());
    for (const token of tokens) expect(token).toMatch(/^[\w-]{22}$/);
    expect(new Set(tokens).size).toBe(100);
  });
});

describe('safeEqual', () => {
  it('tells equal from different, of whatever length', () => {
    expect(safeEqual('secret', 'secret')).toBe(true);
    expect(safeEqual('secret', 'secreT')).toBe(false);
    expect(safeEqual('secret', 'secret ')).toBe(false);
    expect(safeEqual('', 'secret')).toBe(false);
    expect(safeEqual('', '')).toBe(true);
  });
});
