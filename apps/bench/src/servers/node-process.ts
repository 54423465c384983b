import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerName } from './names.ts';
import type { RunningServer, ServerOptions } from './running-server.ts';
import { usageOf } from './usage.ts';

const SLUICE = new URL('./sluice-server.ts', import.meta.url);
const WERIFT = new URL('./werift-server.ts', import.meta.url);
/** Garbage can be collected when asked; MiB of the young generation, as in `apps/server/deploy`. */
const NODE_OPTIONS = ['--expose-gc', '--max-semi-space-size=4'];
const START_DEADLINE_MS = 30_000;
const COLLECT_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;

/** A server that tells its URL (see `serveForBench`), in a process of its own. */
export interface ForkedServer extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  readonly pid: number;
}

/** @throws Error when it does not tell its URL within 30 s */
export async function forkServer(script: string, args: readonly string[], execArgv: readonly string[] = []): Promise<ForkedServer> {
  const child = fork(script, args, { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { pid } = child;
  try {
    const url = String(await reply(child, START_DEADLINE_MS));
    if (pid === undefined) throw new Error('It has no process id.');
    return { url, child, pid, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`The server of ${script} did not start; its own words are above.`, { cause: error });
  }
}

/** Starts Sluice or the one with plain werift: they print their URL, and collect garbage when asked. */
export async function startNodeServer(name: Exclude<ServerName, 'janus'>, { address, profileFolder }: ServerOptions): Promise<RunningServer> {
  const script = fileURLToPath(name === 'werift' ? WERIFT : SLUICE);
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
  const { url, child, pid, [Symbol.asyncDispose]: dispose } = await forkServer(script, [address, name], [...NODE_OPTIONS, ...profiling]);
  return {
    signalling: { kind: 'http', url },
    async usage({ collect = false } = {}) {
      if (collect) await collectGarbage(child);
      return usageOf(pid);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** The server must have been started with --expose-gc. */
export async function collectGarbage(child: ChildProcess): Promise<void> {
  child.send('collect');
  await reply(child, COLLECT_DEADLINE_MS);
}

async function reply(child: ChildProcess, deadlineMs: number): Promise<unknown> {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), deadlineMs);
  const ended = (): void => aborter.abort();
  child.once('exit', ended);
  try {
    const [message]: unknown[] = await once(child, 'message', { signal: aborter.signal });
    return message;
  } finally {
    clearTimeout(timer);
    child.off('exit', ended);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  child.disconnect();
  await exited;
  clearTimeout(timer);
}
