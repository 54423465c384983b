import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Subscription } from './subscription.ts';

const IDS = ['a', 'b', 'c'];

test('who is wanted follows from what was said last of it', () => {
  const step = fc.record({ add: fc.boolean(), ids: fc.option(fc.subarray(IDS)) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const subscription = new Subscription(3);
      let wanted = new Set(IDS);
      let isAll = true;
      for (const { add, ids } of steps) {
        if (!ids) {
          if (add) subscription.addAll();
          else subscription.removeAll();
          wanted = new Set(add ? IDS : []);
          isAll = add;
        } else if (add) {
          subscription.add(ids);
          wanted = new Set([...(isAll ? [] : wanted), ...ids]);
          isAll = false;
        } else {
          subscription.remove(ids);
          wanted = new Set([...wanted].filter((id) => !ids.includes(id)));
        }
        expect(IDS.filter((id) => subscription.has(id))).toEqual(IDS.filter((id) => wanted.has(id)));
        expect(subscription.has('to come')).toBe(isAll);
      }
    }),
  );
});

test('too many ids change nothing', () => {
  const subscription = new Subscription(2);
  expect(subscription.add(['a', 'b', 'c'])).toBe(false);
  expect(subscription.has('d')).toBe(true);
  expect(subscription.remove(['a', 'b'])).toBe(true);
  expect(subscription.remove(['c'])).toBe(false);
  expect(subscription.toJSON()).toEqual({ all: true, except: ['a', 'b'] });
});
