import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_VHOST } from './stream-key.ts';
import { streamPattern } from './stream-pattern.ts';

const matches = (pattern: string, app: string, stream: string, vhost = DEFAULT_VHOST): boolean => streamPattern(pattern)({ vhost, app, stream });

test.each([
  ['live/cam', 'live', 'cam', true],
  ['live/cam', 'live', 'cam2', false],
  ['live/*', 'live', 'cam', true],
  ['live/*', 'alive', 'cam', false],
  ['live/cam-*', 'live', 'cam-', true],
  ['live/*-hd', 'live', 'cam-hd', true],
  ['live/*-hd', 'live', 'cam-hd2', false],
  ['live/a*b*c', 'live', 'a.b.b.c', true],
  ['live/a*a', 'live', 'a', false],
  ['live/ab*ba', 'live', 'aba', false],
  ['live/*b*b', 'live', 'b', false],
  ['*/cam', 'anything', 'cam', true],
  ['*', 'live', 'cam', true],
  ['live/.*', 'live', 'cam', false],
  ['live/[a-z]', 'live', 'c', false],
] as const)('%s and %s/%s: %s', (pattern, app, stream, expected) => {
  expect(matches(pattern, app, stream)).toBe(expected);
});

test('a pattern of two parts is of every virtual host, one of three is not', () => {
  expect(matches('live/cam', 'live', 'cam', 'b.example')).toBe(true);
  expect(matches('a.example/live/cam', 'live', 'cam', 'a.example')).toBe(true);
  expect(matches('a.example/live/cam', 'live', 'cam', 'b.example')).toBe(false);
});

test.each(['', 'live', 'live/', '/cam', 'a/b/c/d', '**', `live/${'x'.repeat(1_024)}`])('refuses %j', (text) => {
  expect(() => streamPattern(text)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
});

describe('any pattern', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '('), minLength: 1, maxLength: 12 });

  test('says what the same regular expression says', () => {
    fc.assert(
      fc.property(letters, letters, (pattern, stream) => {
        const expression = new RegExp(`^${pattern.split('*').map((piece) => piece.replaceAll(/[.(]/g, String.raw`\$&`)).join('.*')}$`, 's');
        expect(matches(`live/${pattern}`, 'live', stream)).toBe(expression.test(stream));
      }),
    );
  });

  test('of many stars answers for the longest name', () => {
    expect(matches(`live/${'*a'.repeat(500)}b`, 'live', 'a'.repeat(255))).toBe(false);
  });
});
