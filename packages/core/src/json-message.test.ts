import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonMessage, withSender } from './json-message.ts';

test('every field but target_id and from means the same afterwards', () => {
  const member = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('target_id', 'from', 'type', '__proto__')), fc.jsonValue());
  fc.assert(
    fc.property(member, fc.string(), fc.constantFrom(undefined, 2), (message, from, indent) => {
      const text = JSON.stringify(message, null, indent);
      const expected = Object.entries(JSON.parse(text)).filter(([key]) => key !== 'target_id' && key !== 'from');
      const members = Object.entries(parseJsonMessage(withSender(text, from, ['target_id']))!);
      expect(members.map((member) => JSON.stringify(member)).toSorted()).toEqual([...expected, ['from', from]].map((member) => JSON.stringify(member)).toSorted());
    }),
  );
});

test('numbers, doubled members and depth are passed on as they are written', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  expect(withSender(`{ "n":12345678901234567890.10, "target\\u005fid":"b","n":1e400,"d":${deep} }`, 'a', ['target_id'])).toBe(`{"n":12345678901234567890.10,"n":1e400,"d":${deep},"from":"a"}`);
});

test.each(['', '[]', '[{}]', 'null', '1', '"x"', '{', '{"a":1}}', '['.repeat(60_000)])('%j is no message', (text) => {
  expect(parseJsonMessage(text.slice(0, 60_000))).toBeUndefined();
});
