import { type Figure, type GoalId } from '../goals.ts';
import { formatNumber, formatPercent } from '../report/format.ts';
import { ratio } from '../statistics.ts';
import { type ForwardResult, cpuMicrosPerPacket, lossOf, measureForward } from './forward-measurement.ts';
import type { PartContext, PartResult } from './part.ts';

/** Low enough for the most viewers to be served by one core. */
const PACKETS_PER_SECOND = 50;
const VIEWERS = [10, 100, 300, 1000];
const QUICK_VIEWERS = [10, 100, 300];
const STREAMS = [1, 10, 50, 200];
const QUICK_STREAMS = [1, 10, 50];
const VIEWERS_PER_STREAM = 4;

/** Whether a packet costs the same, however many viewers or streams there are. */
export async function growthPart(context: PartContext): Promise<PartResult> {
  const results: ForwardResult[] = [];
  const measure = async (streams: number, viewers: number): Promise<ForwardResult[]> => {
    context.progress(`growth: ${streams} streams, ${viewers} viewers`);
    const measured = await measureForward(context, { server: 'native', streams, viewers }, [PACKETS_PER_SECOND]);
    results.push(...measured);
    return measured;
  };
  const byViewers: ForwardResult[] = [];
  for (const viewers of context.quick ? QUICK_VIEWERS : VIEWERS) byViewers.push(...(await measure(1, viewers)));
  const byStreams: ForwardResult[] = [];
  for (const streams of context.quick ? QUICK_STREAMS : STREAMS) byStreams.push(...(await measure(streams, streams * VIEWERS_PER_STREAM)));
  return {
    title: `Growth: ${PACKETS_PER_SECOND} packets/s in each stream`,
    table: [
      ['streams', 'viewers', 'packets/s', 'lost', 'server CPU', 'µs per packet'],
      ...results.map((result) => [
        String(result.streams),
        String(result.viewers),
        formatNumber(result.received / result.seconds, 0),
        formatPercent(lossOf(result), 2),
        formatPercent(result.serverCpuMicros / 1e6 / result.seconds, 0),
        formatNumber(cpuMicrosPerPacket(result), 2),
      ]),
    ],
    notes: ['(what a server does without packets is in the figures too, and weighs most where there are few)'],
    figures: [growthFigure('growthViewers', byViewers), growthFigure('growthStreams', byStreams)],
    data: results,
  };
}

function growthFigure(goal: GoalId, results: readonly ForwardResult[]): Figure {
  const [least, most] = [results[0], results.at(-1)];
  const value = ratio(most && cpuMicrosPerPacket(most), least && cpuMicrosPerPacket(least));
  return { goal, label: `${most?.streams} × ${most?.viewers}`, value };
}
