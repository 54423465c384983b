import {
  type BenchResults,
  type FanOutResult,
  SERVER_NAMES,
  type ServerName,
  type SetUpResult,
  type Setting,
  cpuMicrosPerPacket,
  lossOf,
} from './results.ts';
import { ratio } from './statistics.ts';
import { formatTable } from './table.ts';

/** Above it a measurement is marked: the server, or this load generator, could not keep up. */
const MAX_LOSS = 0.01;
const LOSS_MARK = '!';
const NOTHING = '–';
/** Columns behind the comparison, one for each server. */
const DETAILS = ['loss', 'RSS', 'load'] as const;
const KIB = 1024;
const MIB = KIB * KIB;

/** The results for a person. */
export function formatReport({ setting, setUp, fanOut }: BenchResults): string {
  const parts = [formatSetting(setting), formatSetUp(setUp), formatFanOut(fanOut)];
  if (fanOut.some(isLossy)) {
    parts.push(`${LOSS_MARK} More than 1 % of the packets reached no viewer: overloaded, so no fair comparison.`);
  }
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function formatSetting(setting: Setting): string {
  const peers = Object.entries(setting.peers).map(([name, version]) => `${name} ${version}`);
  return [
    `${setting.cpu}, ${setting.cores} cores, load average ${setting.loadAverage.toFixed(1)}, ${setting.kernel}, Node ${setting.node}`,
    `RTP packets of ${setting.packetBytes} bytes, ${setting.codec}, ${setting.srtpProfile}, everything on 127.0.0.1`,
    `Servers: ${peers.join(', ')}. Ratios hold; absolute figures are this machine's, at this moment.`,
  ].join('\n');
}

function formatSetUp(results: readonly SetUpResult[]): string {
  const [first] = results;
  if (!first) return '';
  const names = serversOf(results);
  const row = (label: string, digits: number, valueOf: (result: SetUpResult) => number | undefined): string[] => {
    const values = names.map((name) => results.find(({ server }) => server === name)).map((result) => result && valueOf(result));
    return [label, ...values.map((value) => formatNumber(value, digits)), ...ratioCells(values)];
  };
  const table = formatTable([
    ['', ...names, ...ratioHeader(names)],
    row('server CPU per session, ms', 1, ({ cpuMsPerSession }) => cpuMsPerSession),
    row('POST → answer p50, ms', 1, ({ answerMsP50 }) => answerMsP50),
    row('POST → answer p99, ms', 1, ({ answerMsP99 }) => answerMsP99),
    row('RSS per viewer, KiB', 0, ({ rssBytesPerViewer }) => rssBytesPerViewer / KIB),
  ]);
  return `Set-up: ${first.sessions} sessions, one after another\n${table}`;
}

function formatFanOut(results: readonly FanOutResult[]): string {
  if (results.length === 0) return '';
  const names = serversOf(results);
  const header = ['viewers × packets/s', ...names, ...ratioHeader(names), ...DETAILS.flatMap((detail) => names.map((name) => `${detail} ${name}`))];
  const rows = groupByCase(results).map((group) => formatCase(group, names));
  return [
    'Fan-out: server CPU per packet that reached a viewer, µs',
    formatTable([header, ...rows]),
    '  (loss: share of packets that reached no viewer; RSS: of the server, MiB; load: CPU of the load generator, % of a core)',
  ].join('\n');
}

function formatCase(group: readonly FanOutResult[], names: readonly ServerName[]): string[] {
  const byName = names.map((name) => group.find(({ server }) => server === name));
  const cells = (format: (result: FanOutResult) => string): string[] => byName.map((result) => (result ? format(result) : NOTHING));
  const [any] = group;
  return [
    `${any?.viewers} × ${any?.packetsPerSecond}`,
    ...cells((result) => `${formatNumber(cpuMicrosPerPacket(result), 1)}${isLossy(result) ? LOSS_MARK : ''}`),
    ...ratioCells(byName.map((result) => result && cpuMicrosPerPacket(result))),
    ...cells((result) => formatPercent(lossOf(result), 2)),
    ...cells((result) => formatNumber(result.serverRssBytes / MIB, 0)),
    ...cells((result) => formatPercent(result.generatorCpuMicros / 1e6 / result.seconds, 0)),
  ];
}

/** Results of the same viewers and rate, in order of appearance. */
function groupByCase(results: readonly FanOutResult[]): FanOutResult[][] {
  return [...Map.groupBy(results, ({ viewers, packetsPerSecond }) => `${viewers} ${packetsPerSecond}`).values()];
}

function serversOf(results: readonly { readonly server: ServerName }[]): ServerName[] {
  return SERVER_NAMES.filter((name) => results.some(({ server }) => server === name));
}

/** The second server against the first, when both were measured. */
function ratioHeader(names: readonly ServerName[]): string[] {
  return names.length === SERVER_NAMES.length ? ['ratio'] : [];
}

function ratioCells(values: readonly (number | undefined)[]): string[] {
  if (values.length !== SERVER_NAMES.length) return [];
  const [ours, baseline] = values;
  const quotient = ratio(baseline, ours);
  return [quotient === undefined ? NOTHING : `${quotient.toFixed(1)} ×`];
}

function isLossy(result: FanOutResult): boolean {
  return lossOf(result) > MAX_LOSS;
}

function formatNumber(value: number | undefined, digits: number): string {
  return value === undefined ? NOTHING : value.toFixed(digits);
}

function formatPercent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`;
}
