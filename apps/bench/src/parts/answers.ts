import { formatNumber } from '../report/format.ts';
import { SERVER_LABELS, type ServerName } from '../servers/names.ts';
import { percentile } from '../statistics.ts';
import { TestBed } from '../test-bed.ts';
import type { PartContext, PartResult } from './part.ts';

const AT_ONCE = 100;
const WARM_UP_SESSIONS = 20;
const CONNECTING_AT_ONCE = 5;

interface AnswersResult {
  readonly server: ServerName;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly connectedP99: number | undefined;
}

/** How long viewers wait who all come at the same moment. */
export async function answersPart(context: PartContext): Promise<PartResult> {
  const results: AnswersResult[] = [];
  for (const server of context.servers) {
    context.progress(`answers: ${SERVER_LABELS[server]}, ${AT_ONCE} at once`);
    await using bed = await TestBed.open({ ...context, server });
    await bed.connectViewers(WARM_UP_SESSIONS, CONNECTING_AT_ONCE);
    const times = await bed.connectViewers(AT_ONCE, AT_ONCE);
    const answers = times.map(({ answerMs }) => answerMs);
    const connected = times.map(({ connectedMs }) => connectedMs);
    results.push({ server, p50: percentile(answers, 0.5), p99: percentile(answers, 0.99), connectedP99: percentile(connected, 0.99) });
  }
  const ours = results.find(({ server }) => server === 'native');
  return {
    title: `${AT_ONCE} viewers at once: request → description, ms`,
    table: [
      ['', 'p50', 'p99', 'connected p99'],
      ...results.map(({ server, p50, p99, connectedP99 }) => [SERVER_LABELS[server], formatNumber(p50, 0), formatNumber(p99, 0), formatNumber(connectedP99, 0)]),
    ],
    notes: ['(the load generator makes all 100 peers on one core, so its own work is in these times)'],
    figures: ours ? [{ goal: 'answersAtOnce', value: ours.p99 }] : [],
    data: results,
  };
}
