import { describe, expect, it } from 'vitest';
import { SsrcTable } from './ssrc-table.ts';

describe('SsrcTable', () => {
  it('gives up the least recently used entry when it is full', () => {
    const table = new SsrcTable<string>(2);
    table.set(1, 'one');
    table.set(2, 'two');
    table.set(1, 'one');
    table.set(3, 'three');

    expect([1, 2, 3].map((ssrc) => table.get(ssrc))).toEqual(['one', undefined, 'three']);
    expect(table.size).toBe(2);
  });

  it('does not count a look as a use', () => {
    const table = new SsrcTable<string>(2);
    table.set(1, 'one');
    table.set(2, 'two');
    table.get(1);
    table.set(3, 'three');

    expect(table.get(1)).toBeUndefined();
  });

  it('replaces a value without giving up another', () => {
    const table = new SsrcTable<string>(2);
    table.set(1, 'one');
    table.set(2, 'two');
    table.set(2, 'deux');

    expect([table.get(1), table.get(2)]).toEqual(['one', 'deux']);
  });
});
