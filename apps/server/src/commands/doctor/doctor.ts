import { ConfigStore, type LoadedConfig, type ServerConfig } from '@sluice/config';
import { MediaError } from '@sluice/core';
import { defineCommand } from '../command.ts';
import { startFlags } from '../start.ts';
import { type Finding, ok, problem } from './finding.ts';
import { checkHookUrls } from './hook-urls.ts';
import { checkMedia } from './media.ts';
import { checkPorts } from './ports.ts';
import { checkTls } from './tls.ts';

const MIN_NODE = 24;

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Say what would keep the server from working here',
  flags: { ...startFlags, json: { type: 'boolean', help: 'print JSON, for scripts' } },
  notes: 'Exit code 1 when there is a problem.',
  async run({ cwd, env, flags, print }) {
    const { json, ...settings } = flags;
    const findings: Finding[] = [nodeFinding(), ok('clock', `It is ${new Date().toISOString()} here.`)];
    const loaded = await load(findings, () => ConfigStore.open({ cwd, env, flags: settings }));
    if (loaded) findings.push(...checkTls(loaded.config, loaded.folder), ...(await checksOf(loaded.config)));
    print(json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(lineOf).join(''));
    return findings.some(({ level }) => level === 'problem') ? 1 : 0;
  },
});

async function checksOf(config: ServerConfig): Promise<readonly Finding[]> {
  return (await Promise.all([checkPorts(config), checkMedia(config), checkHookUrls(config)])).flat();
}

async function load(findings: Finding[], open: () => Promise<ConfigStore>): Promise<LoadedConfig | undefined> {
  try {
    const { loaded } = await open();
    const { file } = loaded;
    findings.push(ok('configuration', file === undefined ? 'There is no config file; the defaults count.' : `${file} is valid.`));
    return loaded;
  } catch (error) {
    if (!MediaError.is(error)) throw error;
    findings.push(problem('configuration', error.message));
    return undefined;
  }
}

function nodeFinding(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= MIN_NODE) return ok('Node', `Version ${process.versions.node}.`);
  return problem('Node', `Version ${process.versions.node} is too old: Sluice needs ${MIN_NODE} or later.`);
}

function lineOf({ level, about, text }: Finding): string {
  return `${level.padEnd(7)}  ${about}: ${text}\n`;
}
