#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { type Flags, loadConfig } from '@sluice/config';
import { MediaError } from '@sluice/core';
import { HELP, readCommandLine } from './command-line.ts';
import { createLogger } from './logger.ts';
import { startServer } from './server.ts';
import { stopOnSignal } from './shutdown.ts';

try {
  await main(process.argv.slice(2));
} catch (error) {
  // What a person can put right is a MediaError; anything else is a defect and shows where it is.
  process.stderr.write(`${MediaError.is(error) ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}

async function main(args: readonly string[]): Promise<void> {
  const { action, flags } = readCommandLine(args);
  if (action === 'help') process.stdout.write(HELP);
  else if (action === 'version') process.stdout.write(`${version()}\n`);
  else await run(flags);
}

async function run(flags: Flags): Promise<void> {
  const { config, folder } = await loadConfig({ cwd: process.cwd(), env: process.env, flags });
  const logger = createLogger(config.log);
  const server = await startServer(config, { logger, folder });
  stopOnSignal({ close: server.close, logger, exit: (code) => process.exit(code) });
  process.stdout.write(`Sluice is listening on ${server.url}\n`);
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}
