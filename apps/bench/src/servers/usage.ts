import { readFile, readdir } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** What a server under test takes of the machine. */
export interface ServerUsage {
  /** User and system time of all threads, microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** Asks the kernel, so that every server is measured in the same way. */
export async function usageOf(pid: number): Promise<ServerUsage> {
  const [cpuMicros, statm] = await Promise.all([cpuOf(pid), readFile(`/proc/${pid}/statm`, 'utf8')]);
  return { cpuMicros, rssBytes: Number(statm.split(' ')[1]) * PAGE_BYTES };
}

/** The scheduler's own count in nanoseconds: `stat` counts in ticks of 10 ms, which is too coarse for a server that idles. */
async function cpuOf(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const nanoseconds = await Promise.all(threads.map((thread) => threadTime(`/proc/${pid}/task/${thread}/schedstat`)));
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1000;
}

/** A thread may end between the listing and the reading. */
async function threadTime(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '0');
  return Number(text.split(' ')[0]);
}

/** Datagrams that the kernel dropped because a socket's receive buffer was full, of all processes since it started. */
export async function receiveBufferErrors(): Promise<number> {
  const lines = (await readFile('/proc/net/snmp', 'utf8')).split('\n').filter((line) => line.startsWith('Udp: '));
  const [names, values] = lines.map((line) => line.split(' '));
  const index = names?.indexOf('RcvbufErrors') ?? -1;
  return Number(values?.[index] ?? 0);
}
