#!/usr/bin/env node
import { MediaError } from '@sluice/core';
import { readCommandLine } from './command-line.ts';
import { commands } from './commands/table.ts';
import { serverVersion } from './version.ts';

try {
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exitCode = code;
} catch (error) {
  // What a person can put right is a MediaError; anything else is a defect and shows where it is.
  process.stderr.write(`${MediaError.is(error) ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}

async function main(args: readonly string[]): Promise<number | undefined> {
  const line = readCommandLine(args, commands);
  if (line.action === 'run') return line.command.execute(line.args, { cwd: process.cwd(), env: process.env, isTerminal: process.stdout.isTTY, print, complain });
  print(line.action === 'help' ? line.text : `${serverVersion()}\n`);
  return 0;
}

function print(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}
