import { expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';

test('a plugin with everything', () => {
  const args = ['./plugin', '--options', '{"key":[1]}', '--query', 'a=b', '--with', '@someone/one', '--with', './two'];
  expect(readCommandLine(args)).toEqual({
    plugin: './plugin',
    options: { key: [1] },
    query: 'a=b',
    companions: ['@someone/one', './two'],
  });
});

test('a plugin alone', () => {
  expect(readCommandLine(['@someone/plugin'])).toEqual({ plugin: '@someone/plugin', options: undefined, query: undefined, companions: [] });
});

test('help needs no plugin', () => {
  expect(readCommandLine(['--help']).plugin).toBeUndefined();
});

test.each([
  [[], 'ARGUMENT_MISSING', 'Which plugin?'],
  [['a', 'b'], 'ARGUMENT_INVALID', 'not a and b'],
  [['a', '--options', '{key:1}'], 'ARGUMENT_INVALID', '--options must be JSON'],
  [['a', '--optins', '{}'], 'ARGUMENT_INVALID', "Unknown option '--optins'; sluice-verify --help says more."],
])('%j is refused', (args, code, words) => {
  expect(() => readCommandLine(args)).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(words) }));
});
