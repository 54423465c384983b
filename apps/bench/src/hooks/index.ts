import { cpus, loadavg } from 'node:os';
import { type WebhooksOptions } from '@sluice/plugin-webhooks';
import { formatTable } from '../report/table.ts';
import { percentile } from '../statistics.ts';
import { type DecisionLoad, startDecisionLoad } from './decision-load.ts';
import { type HookReceiver, startHookReceiver } from './hook-receiver.ts';

const CONCURRENCIES = [1, 64] as const;
/** All cases take turns, so that a busy moment of the machine hits each of them. */
const ROUNDS = 5;
const SECONDS_PER_ROUND = 0.5;
const SECRET = `whsec_${Buffer.alloc(32, 'benchmark').toString('base64')}`;

interface Samples {
  readonly perSecond: number[];
  /** Milliseconds. */
  readonly latencies: number[];
}

/** One line of the table. */
interface Subject {
  readonly name: string;
  readonly load: DecisionLoad;
  /** One for each concurrency. */
  readonly samples: readonly Samples[];
}

await using receiver = await startHookReceiver();
const subjects = await Promise.all([
  createSubject('no hook', {}),
  createSubject('1 hook', { onPublish: receiver.url }),
  createSubject('3 hooks', { onPublish: [receiver.url, receiver.url, receiver.url] }),
  createSubject('1 hook, signed', { onPublish: receiver.url, secret: SECRET }),
  createSubject('1 hook, from memory', { onPublish: `${receiver.url}?ttl=60` }),
]);
for (let round = 0; round <= ROUNDS; round++) {
  for (const subject of subjects) await measure(subject, round > 0);
}
process.stdout.write(`${formatReport(receiver)}\n`);
await Promise.all(subjects.map(({ load }) => load.close()));

async function createSubject(name: string, options: WebhooksOptions): Promise<Subject> {
  return { name, load: await startDecisionLoad(options), samples: CONCURRENCIES.map(() => ({ perSecond: [], latencies: [] })) };
}

/** The first round is for the compilers. */
async function measure({ load, samples }: Subject, counts: boolean): Promise<void> {
  for (const [index, concurrency] of CONCURRENCIES.entries()) {
    const { latencies, seconds } = await load.run({ concurrency, seconds: SECONDS_PER_ROUND });
    if (!counts) continue;
    samples[index]?.perSecond.push(latencies.length / seconds);
    samples[index]?.latencies.push(...latencies);
  }
}

function formatReport({ description }: HookReceiver): string {
  const bare = subjects[0]?.samples.map(({ latencies }) => percentile(latencies, 0.5) ?? 0) ?? [];
  const rows = subjects.map(({ name, samples }) => [
    name,
    ...samples.flatMap(({ perSecond, latencies }, index) => [
      (percentile(perSecond, 0.5) ?? 0).toFixed(0),
      ...[0.5, 0.99].map((share) => (percentile(latencies, share) ?? 0).toFixed(2)),
      ((percentile(latencies, 0.5) ?? 0) - (bare[index] ?? 0)).toFixed(2),
    ]),
  ]);
  const columns = CONCURRENCIES.flatMap((concurrency) => [`${concurrency}: per s`, 'p50 ms', 'p99 ms', 'added ms']);
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}`,
    `Sessions without media through a manager, its hooks answered by ${description}; ${ROUNDS} rounds of ${SECONDS_PER_ROUND} s, ${CONCURRENCIES.join(' and ')} at a time`,
    '',
    formatTable([['', ...columns], ...rows]),
  ].join('\n');
}
