import { MediaError } from '@sluice/core';
import type { Command } from './commands/command.ts';

/** What the command line asks for. */
export type CommandLine =
  | { readonly action: 'help'; readonly text: string }
  | { readonly action: 'version' }
  | { readonly action: 'run'; readonly command: Command; readonly args: readonly string[] };

/**
 * Finds the command that the arguments behind `sluice` name; without a name it is the first of the table.
 * @throws MediaError ARGUMENT_INVALID
 */
export function readCommandLine(args: readonly string[], commands: readonly [Command, ...Command[]]): CommandLine {
  const named = commandNamed(args, commands);
  const rest = named === undefined ? args : args.slice(wordsOf(named).length);
  // Behind `--` stand values, which may look like anything.
  const flags = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  if (flags.includes('--help')) return { action: 'help', text: named?.help ?? helpOf(commands) };
  if (named === undefined && flags.includes('--version')) return { action: 'version' };
  if (named === undefined) refuseUnknown(args, commands);
  return { action: 'run', command: named ?? commands[0], args: rest };
}

/** `config check` counts before `config`. */
function commandNamed(args: readonly string[], commands: readonly Command[]): Command | undefined {
  const matches = commands.filter((command) => wordsOf(command).every((word, index) => args[index] === word));
  return matches.toSorted((a, b) => wordsOf(b).length - wordsOf(a).length)[0];
}

function refuseUnknown([first]: readonly string[], commands: readonly Command[]): void {
  if (first === undefined || first.startsWith('-')) return;
  const longer = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => `sluice ${name}`);
  const advice = longer.length > 0 ? `there are ${longer.join(' and ')}` : 'sluice --help lists the commands';
  throw new MediaError('ARGUMENT_INVALID', `There is no command '${first}'; ${advice}.`);
}

function wordsOf({ name }: Command): readonly string[] {
  return name.split(' ');
}

function helpOf(commands: readonly [Command, ...Command[]]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const [first] = commands;
  return `Usage: sluice [command] [flags]\n\n${list.join('\n')}\n\nsluice <command> --help says more, sluice --version which one this is.\n\n${first.help}`;
}
