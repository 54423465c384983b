import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatNumber } from '../report/format.ts';
import { formatTable } from '../report/table.ts';
import { type ForkedServer, collectGarbage, forkServer } from '../servers/node-process.ts';
import { usageOf } from '../servers/usage.ts';
import { percentile } from '../statistics.ts';
import { MessageLoad } from './message-load.ts';

const CLIENT_COUNTS = [2, 100, 1_000] as const;
/** Both servers take turns, so that a busy moment of the machine hits each of them. */
const ROUNDS = 5;
const SECONDS_PER_ROUND = 1;
const IDLE_CLIENTS = 2_000;

interface Subject {
  readonly name: string;
  readonly isRelayed: boolean;
  readonly server: ForkedServer;
}

interface Figures {
  readonly perCpuSecond: number[];
  readonly perSecond: number[];
  /** Milliseconds. */
  readonly latencies: number[];
}

await using servers = new AsyncDisposableStack();
const subjects: readonly Subject[] = [
  { name: 'relay', isRelayed: true, server: servers.use(await start(new URL('relay-server.ts', import.meta.url))) },
  { name: 'echo of ws', isRelayed: false, server: servers.use(await start(new URL('echo-server.ts', import.meta.url))) },
];
const loadAverage = loadavg()[0] ?? 0;
const idle = new Map<string, number>();
for (const { name, isRelayed, server } of subjects) idle.set(name, await idleBytes(server, isRelayed));
const rows: string[][] = [];
for (const count of CLIENT_COUNTS) rows.push(...(await measureClients(count)));
process.stdout.write(`${formatReport()}\n`);

function start(script: URL): Promise<ForkedServer> {
  return forkServer(fileURLToPath(script), [], ['--expose-gc']);
}

/** Bytes of RSS for each client that does nothing. */
async function idleBytes({ url, child, pid }: ForkedServer, isRelayed: boolean): Promise<number> {
  // The first clients make the server load and compile what it needs.
  const warmUp = await MessageLoad.connect(url, 100, isRelayed);
  warmUp.close();
  await collectGarbage(child);
  const { rssBytes: before } = await usageOf(pid);
  const load = await MessageLoad.connect(url, IDLE_CLIENTS, isRelayed);
  await collectGarbage(child);
  const { rssBytes: after } = await usageOf(pid);
  load.close();
  return (after - before) / IDLE_CLIENTS;
}

async function measureClients(count: number): Promise<string[][]> {
  const measured: { readonly subject: Subject; readonly load: MessageLoad; readonly figures: Figures }[] = [];
  for (const subject of subjects) {
    const load = await MessageLoad.connect(subject.server.url, count, subject.isRelayed);
    measured.push({ subject, load, figures: { perCpuSecond: [], perSecond: [], latencies: [] } });
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { subject, load, figures } of measured) await measure(subject, load, round > 0 ? figures : undefined);
  }
  for (const { load } of measured) load.close();
  return measured.map(({ subject, figures }) => rowOf(count, subject, figures));
}

/** The first round is for the compilers. */
async function measure({ server: { pid } }: Subject, load: MessageLoad, figures: Figures | undefined): Promise<void> {
  const { cpuMicros: before } = await usageOf(pid);
  const { latencies, seconds } = await load.run(SECONDS_PER_ROUND);
  const { cpuMicros: after } = await usageOf(pid);
  figures?.perCpuSecond.push(latencies.length / ((after - before) / 1e6));
  figures?.perSecond.push(latencies.length / seconds);
  figures?.latencies.push(...latencies);
}

function rowOf(count: number, { name }: Subject, { perCpuSecond, perSecond, latencies }: Figures): string[] {
  return [
    `${count} clients, ${name}`,
    ...[perCpuSecond, perSecond].map((samples) => formatNumber(percentile(samples, 0.5), 0)),
    ...[0.5, 0.99].map((share) => formatNumber(percentile(latencies, share), 2)),
    formatNumber((idle.get(name) ?? Number.NaN) / 1000, 1),
  ];
}

function formatReport(): string {
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load average ${loadAverage.toFixed(1)} at the start, Node ${process.version}`,
    `Messages of about 200 bytes, one of each client under way; each server in a process of its own, all clients in another one; ${ROUNDS} rounds of ${SECONDS_PER_ROUND} s; memory of ${IDLE_CLIENTS} idle clients after garbage collection`,
    '',
    formatTable([['', 'messages per CPU s', 'per s', 'p50 ms', 'p99 ms', 'KB per idle client'], ...rows]),
  ].join('\n');
}
