import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntryRing } from './entry-ring.ts';

test('the last ones are kept within both bounds, and listed from anywhere', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 100 });
  fc.assert(
    fc.property(sizes, fc.nat(120), fc.option(fc.nat(20), { nil: undefined }), (given, after, last) => {
      const ring = new EntryRing({ entries: 10, bytes: 100 });
      let kept: { seq: number; bytes: number }[] = [];
      given.forEach((bytes, index) => {
        ring.add({ seq: index + 1, producerId: 'p', text: '', bytes });
        kept = [...kept, { seq: index + 1, bytes }].slice(-10);
        while (kept.reduce((sum, entry) => sum + entry.bytes, 0) > 100) kept.shift();
      });
      const wanted = (last === undefined ? kept : kept.slice(Math.max(0, kept.length - last))).filter(({ seq }) => seq > after);
      expect(ring.list({ after, last }).map(({ seq }) => seq)).toEqual(wanted.map(({ seq }) => seq));
      expect([ring.size, ring.bytes]).toEqual([kept.length, kept.reduce((sum, entry) => sum + entry.bytes, 0)]);
      expect([ring.oldest?.seq, ring.newest?.seq]).toEqual([kept[0]?.seq, kept.at(-1)?.seq]);
    }),
  );
});
