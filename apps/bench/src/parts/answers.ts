import { formatNumber } from '../report/format.ts';
import { SERVER_LABELS, type ServerName } from '../servers/names.ts';
import { percentile } from '../statistics.ts';
import { TestBed } from '../test-bed.ts';
import type { PartContext, PartResult } from './part.ts';

const IDLE = 200;
const AT_ONCE = 100;
/** So that the code is compiled. */
const WARM_UP = 100;
const WARM_UP_AT_ONCE = 5;

interface AnswersResult {
  readonly server: ServerName;
  readonly idleP50: number | undefined;
  readonly idleP99: number | undefined;
  readonly atOnceP50: number | undefined;
  readonly atOnceP99: number | undefined;
}

/** How long a viewer waits for the server's description, alone and with many others. */
export async function answersPart(context: PartContext): Promise<PartResult> {
  const results: AnswersResult[] = [];
  for (const server of context.servers) {
    context.progress(`answers: ${SERVER_LABELS[server]}, ${IDLE} one by one and ${AT_ONCE} at once`);
    results.push(await measureAnswers(context, server));
  }
  const ours = results.find(({ server }) => server === 'native');
  return {
    title: 'POST → answer, with Janus request → offer, ms',
    table: [
      ['', 'idle p50', 'p99', `${AT_ONCE} at once p50`, 'p99'],
      ...results.map(({ server, ...times }) => [
        SERVER_LABELS[server],
        ...[times.idleP50, times.idleP99].map((time) => formatNumber(time, 1)),
        ...[times.atOnceP50, times.atOnceP99].map((time) => formatNumber(time, 0)),
      ]),
    ],
    notes: ['(who asks does not connect, because the load generator makes them all on one core; its own part of these times is in them)'],
    figures: ours
      ? [
          { goal: 'answerP50', value: ours.idleP50 },
          { goal: 'answerP99', value: ours.idleP99 },
          { goal: 'answersAtOnce', value: ours.atOnceP99 },
        ]
      : [],
    data: results,
  };
}

async function measureAnswers(context: PartContext, server: ServerName): Promise<AnswersResult> {
  await using bed = await TestBed.open({ ...context, server });
  await bed.ask(WARM_UP, WARM_UP_AT_ONCE);
  const idle = await bed.ask(IDLE, 1);
  const atOnce = await bed.ask(AT_ONCE, AT_ONCE);
  return {
    server,
    idleP50: percentile(idle, 0.5),
    idleP99: percentile(idle, 0.99),
    atOnceP50: percentile(atOnce, 0.5),
    atOnceP99: percentile(atOnce, 0.99),
  };
}
