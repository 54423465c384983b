#!/usr/bin/env node
import { resolvePlugins } from '@sluice/config';
import { MediaError, type WebRtcPlugin } from '@sluice/core';
import { checkPlugin } from '../conformance/check-plugin.ts';
import { formatReport } from '../conformance/format-report.ts';
import { HELP, readCommandLine } from './command-line.ts';

try {
  // A plugin that leaves something open would keep the process alive.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  // What a person can put right is a MediaError; anything else is a defect and shows where it is.
  process.stderr.write(`${MediaError.is(error) ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}

async function main(args: readonly string[]): Promise<number> {
  const { plugin, options, query, companions } = readCommandLine(args);
  if (plugin === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const create = () => load(plugin, options);
  const { name } = await create();
  const report = await checkPlugin(create, { request: { query }, companions: companions.map((each) => () => load(each)) });
  process.stdout.write(formatReport(name, report));
  return report.passed ? 0 : 1;
}

/** A new plugin, each time: the module is loaded once, its factory runs again. @throws MediaError PLUGIN_LOAD */
async function load(name: string, options?: unknown): Promise<WebRtcPlugin> {
  const [plugin] = await resolvePlugins([{ package: name, options }], process.cwd());
  if (plugin) return plugin;
  throw new MediaError('PLUGIN_LOAD', `The plugin ${name} could not be loaded.`);
}
