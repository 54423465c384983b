import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hookTargets, definePlugin } from '@sluice/core';
import { readyManager, sampleRequest } from '@sluice/core/testing';
import { createMetrics } from '@sluice/metrics';
import { parseConfig } from '@sluice/config';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const fileOf = (name: string): string => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url));
const read = (name: string): string => readFileSync(fileOf(name), 'utf8');

/** Names of all samples that a server exposes, those of histograms with their endings. */
async function exposedNames(): Promise<ReadonlySet<string>> {
  const targets = definePlugin(() => ({ name: 'targets', setup: (ctx) => void ctx.contribute(hookTargets, { list: () => [], deadLetters: () => [], replay: () => 0, purgeCache: () => 0 }) }));
  const { manager, engine } = await readyManager([targets()]);
  manager.hook('publish', () => undefined);
  await manager.negotiateSdp('absent', sampleRequest()).catch(() => undefined);
  const metrics = createMetrics({ manager, engine });
  const text = await metrics.scrape();
  metrics.close();
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
  return new Set(families.flatMap(({ name, type }) => (type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name])));
}

function namesIn(expressions: readonly string[]): readonly string[] {
  return [...new Set(expressions.flatMap((expression) => expression.replace(/\{[^}]*\}/g, '').match(/\b(?:sluice|process|nodejs)_\w+/g) ?? []))];
}

describe('the dashboard', () => {
  const dashboard: { panels: { title: string; type: string; targets?: { expr: string }[]; gridPos: { x: number; w: number } }[] } = JSON.parse(read('grafana-dashboard.json'));

  test('asks for nothing that a server does not expose', async () => {
    const exposed = await exposedNames();
    const asked = namesIn(dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)));
    expect(asked.length).toBeGreaterThan(25);
    expect(asked.filter((name) => !exposed.has(name))).toEqual([]);
  });

  test('has a query in every panel, and no panel beyond the edge', () => {
    for (const { title, type, targets = [], gridPos } of dashboard.panels) {
      expect({ title, queries: type === 'row' || targets.length > 0, fits: gridPos.x + gridPos.w <= 24 }).toEqual({ title, queries: true, fits: true });
    }
  });
});

test('the alert rules ask for what a server exposes, and each says what it means', async () => {
  const { groups }: { groups: { rules: { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string; description: string } }[] }[] } = parse(read('prometheus-alerts.yaml'));
  const rules = groups.flatMap((group) => group.rules);
  const exposed = await exposedNames();
  expect(namesIn(rules.map(({ expr }) => expr)).filter((name) => !exposed.has(name))).toEqual([]);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Sluice[A-Z]\w+$/);
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary && annotations.description).toBeTruthy();
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

describe('the systemd unit', () => {
  test('starts what is there, with rights for nothing else', () => {
    const unit = read('sluice.service');
    const started = /^ExecStart=\/usr\/bin\/node \/opt\/sluice\/(\S+)/m.exec(unit)?.[1] ?? '';
    expect(existsSync(`${REPOSITORY}${started}`)).toBe(true);
    for (const line of ['DynamicUser=yes', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'ExecReload=/bin/kill -HUP $MAINPID', 'KillSignal=SIGTERM']) {
      expect(unit.split('\n')).toContain(line);
    }
    // V8 compiles at run time.
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m);
  });

  test.skipIf(spawnSync('systemd-analyze', ['--version']).error !== undefined)('has no setting that systemd does not know', () => {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', fileOf('sluice.service')], { encoding: 'utf8' });
    // Where Node is elsewhere, or nothing is installed in /opt, systemd says that; the rest must be silence.
    expect(stderr.split('\n').filter((line) => line.includes('sluice.service') && !/is not executable|No such file/.test(line))).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile').replace(/\\\n/g, ' ').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const instructions = lines.map((line) => /^(?<name>\S+)\s+(?<rest>.*)$/.exec(line)?.groups ?? { name: line, rest: '' });
  const valuesOf = (wanted: string): string[] => instructions.flatMap(({ name, rest }) => (name === wanted ? [rest ?? ''] : []));
  const final = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

  test('has instructions that exist, and stages of a fixed version', () => {
    const known = ['FROM', 'WORKDIR', 'RUN', 'COPY', 'ENV', 'USER', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT'];
    expect(instructions.filter(({ name }) => !known.includes(name ?? ''))).toEqual([]);
    expect(valuesOf('FROM')).toHaveLength(2);
    for (const from of valuesOf('FROM')) expect(from).toMatch(/^node:\d+[\w.-]*( AS \w+)?$/);
  });

  test('copies what is there, and runs it as nobody in particular', () => {
    const copied = valuesOf('COPY').filter((rest) => !rest.startsWith('--from=')).flatMap((rest) => rest.split(/\s+/).slice(0, -1));
    expect(copied.filter((path) => !existsSync(`${REPOSITORY}${path}`))).toEqual([]);
    expect(final.map(({ name }) => name)).toEqual(expect.arrayContaining(['USER', 'HEALTHCHECK', 'EXPOSE', 'ENTRYPOINT']));
    expect(valuesOf('USER')).toEqual(['node']);
    const command: string[] = JSON.parse(valuesOf('ENTRYPOINT')[0] ?? '');
    expect(existsSync(`${REPOSITORY}${command[1]}`)).toBe(true);
    expect(execFileSync(process.execPath, [`${REPOSITORY}${command[1]}`, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('opens the ports of the default configuration', () => {
    const { http, rtc } = parseConfig({});
    expect(valuesOf('EXPOSE')[0]?.split(' ')).toEqual([`${http.port}/tcp`, `${rtc.port}/udp`, `${rtc.port}/tcp`]);
  });
});
