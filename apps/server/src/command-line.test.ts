import { MediaError } from '@sluice/core';
import { rejectionOf } from '@sluice/core/testing';
import { expect, expectTypeOf, test } from 'vitest';
import { readCommandLine } from './command-line.ts';
import { type Command, type Surroundings, defineCommand } from './commands/command.ts';
import { start, startFlags } from './commands/start.ts';
import { commands } from './commands/table.ts';

const surroundings: Surroundings = { cwd: '.', env: {}, isTerminal: false, print: () => undefined, complain: () => undefined };

/** A table whose commands say what they were called with. */
function sample() {
  const calls: unknown[] = [];
  const make = (name: string, positionals: readonly string[] = []): Command =>
    defineCommand({
      name,
      summary: `Do ${name}`,
      positionals,
      flags: { loud: { type: 'boolean', short: 'l', help: 'be loud' }, to: { type: 'string', value: 'place', help: 'where to' } },
      async run({ flags, positionals: given }) {
        expectTypeOf(flags.loud).toEqualTypeOf<boolean | undefined>();
        expectTypeOf(flags.to).toEqualTypeOf<string | undefined>();
        calls.push([name, { ...flags }, given]);
        return 0;
      },
    });
  return { calls, table: [make('run'), make('send', ['FILE', '[NAME]']), make('config'), make('config check')] as const };
}

async function execute(args: readonly string[]): Promise<unknown> {
  const { calls, table } = sample();
  const line = readCommandLine(args, [...table]);
  if (line.action !== 'run') return line;
  await line.command.execute(line.args, surroundings);
  return calls[0];
}

test.each([
  [[], ['run', {}, []]],
  [['--loud'], ['run', { loud: true }, []]],
  [['run', '--to=here'], ['run', { to: 'here' }, []]],
  [['send', 'a.ivf'], ['send', {}, ['a.ivf']]],
  [['send', '-l', 'a.ivf', 'b', '--to', 'there'], ['send', { loud: true, to: 'there' }, ['a.ivf', 'b']]],
  [['send', '--', '--help'], ['send', {}, ['--help']]],
  [['config'], ['config', {}, []]],
  [['config', 'check', '-l'], ['config check', { loud: true }, []]],
])('%j is the right command with the right values', async (args, call) => {
  expect(await execute(args)).toEqual(call);
});

test.each([
  [['frob'], "There is no command 'frob'; sluice --help lists the commands."],
  [['--lod'], "Unknown option '--lod'; sluice run --help lists the flags."],
  [['run', 'x'], "Unexpected argument 'x'; sluice run --help lists the flags."],
  [['--to'], "Option '--to <value>' argument missing; sluice run --help lists the flags."],
  [['--loud=1'], "Option '-l, --loud' does not take an argument; sluice run --help lists the flags."],
  [['send'], 'sluice send needs FILE; sluice send --help says more.'],
  [['send', 'a', 'b', 'c'], "Unexpected argument 'c'; sluice send --help says what it takes."],
])('%j is refused in one sentence', async (args, sentence) => {
  const error = await rejectionOf(execute(args));
  expect(MediaError.is(error)).toBe(true);
  expect(error).toHaveProperty('message', sentence);
});

test('a group without a command of its own names its commands', () => {
  const { table } = sample();
  expect(() => readCommandLine(['config'], [table[0], table[3]])).toThrow("There is no command 'config'; there are sluice config check.");
});

test('help and version are asked for before anything runs', async () => {
  expect(await execute(['--version', '--help'])).toMatchObject({ action: 'help', text: expect.stringContaining('config check  Do config check') });
  expect(await execute(['--version'])).toEqual({ action: 'version' });
  const text = 'Usage: sluice send FILE [NAME] [flags]\n\nDo send.\n\n  -l, --loud    be loud\n  --to <place>  where to\n  --help        print this\n';
  expect(await execute(['send', '--help'])).toEqual({ action: 'help', text });
});

test('the help of sluice names every command, and every flag of the server', () => {
  const line = readCommandLine(['--help'], commands);
  const text = line.action === 'help' ? line.text : '';
  for (const { name } of commands) expect(text).toContain(`\n  ${name} `);
  for (const flag of Object.keys(startFlags)) expect(text).toContain(`--${flag} `);
  expect(start.help).toContain('--http-port <port>');
});
