import type { Figure, GoalId } from '../goals.ts';
import { formatNumber, formatPercent, formatRatio } from '../report/format.ts';
import { SERVER_LABELS, type ServerName } from '../servers/names.ts';
import { ratio } from '../statistics.ts';
import { type ForwardResult, cpuMicrosPerPacket, lossOf, measureForward } from './forward-measurement.ts';
import type { PartContext, PartResult } from './part.ts';

/** Above it a measurement is marked: the server, or the load generator, could not keep up. */
const MAX_LOSS = 0.01;
const LOSS_MARK = '!';
const MIB = 1024 * 1024;
const TIER_GOALS = { native: 'forwardNative', portable: 'forwardPortable' } as const satisfies Partial<Record<ServerName, GoalId>>;
const BASELINE_GOALS = { werift: 'againstWerift', janus: 'againstJanus' } as const satisfies Partial<Record<ServerName, GoalId>>;

/** What it costs to send the packets of one publisher to its viewers, of all servers in turns. */
export async function forwardPart(context: PartContext): Promise<PartResult> {
  const results: ForwardResult[] = [];
  for (const [round, viewers] of context.viewerCounts.entries()) {
    // The first of a round is another one each time, so that what else the machine does hits all of them.
    const order = round % 2 === 0 ? context.servers : context.servers.toReversed();
    for (const server of order) {
      context.progress(`forward: ${SERVER_LABELS[server]}, ${viewers} viewers at ${context.rates.join(' and ')} packets/s`);
      results.push(...(await measureForward(context, { server, streams: 1, viewers }, context.rates)));
    }
  }
  return forwardReport(results, context.servers);
}

/** Says it in a table with a row for each number of viewers and rate. */
export function forwardReport(results: readonly ForwardResult[], servers: readonly ServerName[]): PartResult {
  const cases = [...Map.groupBy(results, ({ viewers, packetsPerSecond }) => `${viewers} × ${packetsPerSecond}`)];
  const baselines = servers.filter((server) => server === 'werift' || server === 'janus');
  const compared = servers.includes('native') ? baselines : [];
  const labels = servers.map((server) => SERVER_LABELS[server]);
  const header = ['viewers × packets/s', ...labels, ...compared.map((server) => `/ ${SERVER_LABELS[server]}`), ...labels.map((label) => `load ${label}`)];
  return {
    title: 'Forwarding: server CPU per packet that reached a viewer, µs',
    table: [header, ...cases.map(([label, group]) => [label, ...rowOf(group, servers, compared)])],
    notes: [
      `(/: how many times cheaper Sluice native is; load: CPU of the viewers' processes, % of a core)`,
      ...servers.map((server) => describeServer(server, results.filter((result) => result.server === server))),
      ...(results.some(isLossy) ? [`${LOSS_MARK} More than 1 % of the packets reached no viewer: overloaded, so no fair comparison.`] : []),
    ],
    figures: [...tierFigures(results), ...compared.flatMap((server) => baselineFigure(cases, server))],
    data: results,
  };
}

function rowOf(group: readonly ForwardResult[], servers: readonly ServerName[], compared: readonly ServerName[]): string[] {
  const resultOf = (server: ServerName): ForwardResult | undefined => group.find((result) => result.server === server);
  const cost = servers.map(resultOf).map((result) => (result ? `${formatNumber(cpuMicrosPerPacket(result), 1)}${isLossy(result) ? LOSS_MARK : ''}` : ''));
  const load = servers.map(resultOf).map((result) => (result ? formatPercent(result.viewersCpuMicros / 1e6 / result.seconds, 0) : ''));
  return [...cost, ...compared.map((server) => formatRatio(timesCheaper(group, server))), ...load];
}

function timesCheaper(group: readonly ForwardResult[], baseline: ServerName): number | undefined {
  const cost = (server: ServerName): number | undefined => {
    const result = group.find((candidate) => candidate.server === server);
    return result && cpuMicrosPerPacket(result);
  };
  return ratio(cost(baseline), cost('native'));
}

/** The dearest rate for each number of viewers. */
function tierFigures(results: readonly ForwardResult[]): Figure[] {
  return Object.entries(TIER_GOALS).flatMap(([server, goal]) => {
    const byViewers = Map.groupBy(results.filter((result) => result.server === server), ({ viewers }) => viewers);
    return Array.from(byViewers, ([viewers, group]): Figure => {
      const costs = group.flatMap((result) => cpuMicrosPerPacket(result) ?? []);
      return { goal, label: `${viewers} viewer${viewers === 1 ? '' : 's'}`, value: costs.length === 0 ? undefined : Math.max(...costs) };
    });
  });
}

/** The case in which the baseline comes nearest. */
function baselineFigure(cases: readonly (readonly [string, readonly ForwardResult[]])[], server: ServerName): Figure[] {
  if (server !== 'werift' && server !== 'janus') return [];
  const ratios = cases.flatMap(([label, group]) => {
    const value = group.some(isLossy) ? undefined : timesCheaper(group, server);
    return value === undefined ? [] : [{ label, value }];
  });
  const goal = BASELINE_GOALS[server];
  const [worst] = ratios.toSorted((a, b) => a.value - b.value);
  const best = ratios.toSorted((a, b) => b.value - a.value)[0];
  if (!worst || !best) return [{ goal, value: undefined }];
  return [
    { goal, label: `least (${worst.label})`, value: worst.value },
    { goal, label: `most (${best.label})`, value: best.value },
  ];
}

function describeServer(server: ServerName, results: readonly ForwardResult[]): string {
  const sum = (valueOf: (result: ForwardResult) => number): number => results.reduce((total, result) => total + valueOf(result), 0);
  const worst = Math.max(0, ...results.map(lossOf));
  const memory = Math.max(0, ...results.map(({ serverRssBytes }) => serverRssBytes / MIB));
  const feedback = results.some(({ withFeedback }) => withFeedback > 0) ? 'transport-wide feedback' : 'no transport-wide feedback';
  return [
    `${SERVER_LABELS[server]}: ${sum(({ received }) => received)} packets to viewers, most lost ${formatPercent(worst, 2)}`,
    `${sum(({ retransmitted }) => retransmitted)} retransmitted, ${sum(({ undecipherable }) => undecipherable)} that no key opened`,
    `${sum(({ bufferErrors }) => bufferErrors)} dropped at full buffers, ${feedback}, RSS up to ${formatNumber(memory, 0)} MiB`,
  ].join('; ');
}

function isLossy(result: ForwardResult): boolean {
  return lossOf(result) > MAX_LOSS;
}
