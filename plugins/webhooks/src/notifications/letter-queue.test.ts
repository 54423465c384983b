import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Letter } from './letter.ts';
import { LetterQueue } from './letter-queue.ts';

type Step = { readonly do: 'add'; readonly topic: string } | { readonly do: 'next' | 'done' | 'again' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), topic: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ do: fc.constantFrom('next' as const, 'done' as const, 'again' as const) }),
);

test('whatever is added, sent and sent again: within a topic in order, never two at a time, never more than the bound, nothing lost but what was dropped', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (steps, bound) => {
      const queue = new LetterQueue(bound);
      const sending: Letter[] = [];
      const ends = new Map<string, number[]>();
      let added = 0;
      let dropped = 0;
      const finish = (letter: Letter): void => {
        queue.done(letter);
        ends.set(letter.topic, [...(ends.get(letter.topic) ?? []), Number(letter.id)]);
      };
      const act = (one: Step): void => {
        if (one.do === 'add') {
          dropped += queue.add({ id: String(added++), topic: one.topic, body: '' }) ? 1 : 0;
        } else if (one.do === 'next') {
          const letter = queue.next();
          if (letter) sending.push(letter);
        } else {
          const letter = sending.shift();
          if (letter && one.do === 'done') finish(letter);
          else if (letter) queue.again(letter);
        }
        expect(queue.size).toBeLessThanOrEqual(bound);
        expect(new Set(sending.map(({ topic }) => topic)).size).toBe(sending.length);
      };
      for (const one of steps) act(one);
      for (const letter of sending) finish(letter);
      for (let letter = queue.next(); letter; letter = queue.next()) finish(letter);
      for (const order of ends.values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect([...ends.values()].flat().length + dropped).toBe(added);
      expect(queue.size).toBe(0);
      expect(['a', 'b', 'c'].some((topic) => queue.has(topic))).toBe(false);
    }),
  );
});
