import { startTestServer } from './test-server.ts';

/** What a server process holds. */
export interface Usage {
  /** Open sockets, timers and the like, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  readonly heapBytes: number;
  readonly streams: number;
}

const [port = '0'] = process.argv.slice(2);
const server = await startTestServer({ http: { port: Number(port) } });

process.on('message', (message) => {
  if (message === 'usage') void report();
  if (message === 'close') void server.close().then(() => process.exit());
});
process.send?.(server.url);

async function report(): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/streams`, { headers: { connection: 'close' } });
  const streams: unknown[] = await response.json();
  globalThis.gc?.();
  const usage: Usage = { resources: countResources(), heapBytes: process.memoryUsage().heapUsed, streams: streams.length };
  process.send?.(usage);
}

function countResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
