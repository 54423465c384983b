import { MediaError } from '@sluice/core';
import { expect, test } from 'vitest';
import { HELP, readCommandLine } from './command-line.ts';

test('flags are read in both forms', () => {
  const { action, flags } = readCommandLine(['--host=::1', '--http-port', '9000', '--rtc-port=0', '--config', 'c.yaml', '--no-demo']);
  expect(action).toBe('run');
  expect(flags).toEqual({ host: '::1', 'http-port': '9000', 'rtc-port': '0', config: 'c.yaml', 'no-demo': true });
});

test('help and version are actions', () => {
  expect(readCommandLine(['--version']).action).toBe('version');
  expect(readCommandLine(['--version', '--help']).action).toBe('help');
});

test('help names every flag', () => {
  for (const flag of ['host', 'http-port', 'rtc-port', 'config', 'no-demo', 'help', 'version']) expect(HELP).toContain(`--${flag} `);
});

test.each([
  [['--http-prot', '1'], "Unknown option '--http-prot'; sluice --help lists the flags."],
  [['9000'], "Unexpected argument '9000'; sluice --help lists the flags."],
  [['--http-port'], "Option '--http-port <value>' argument missing; sluice --help lists the flags."],
  [['--no-demo=1'], "Option '--no-demo' does not take an argument; sluice --help lists the flags."],
  [['--http-port', '--no-demo'], "Option '--http-port' argument is ambiguous; sluice --help lists the flags."],
])('%j is refused in one sentence', (args, sentence) => {
  expect(() => readCommandLine(args)).toThrow(MediaError);
  expect(messageOf(args)).toBe(sentence);
});

function messageOf(args: readonly string[]): string | undefined {
  try {
    readCommandLine(args);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
