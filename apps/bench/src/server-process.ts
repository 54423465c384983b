import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServerName } from './results.ts';
import type { ServerUsage } from './servers/usage.ts';

const SCRIPTS: Readonly<Record<ServerName, URL>> = {
  sluice: new URL('./servers/sluice-server.ts', import.meta.url),
  werift: new URL('./servers/werift-server.ts', import.meta.url),
};
const START_DEADLINE_MS = 30_000;
const USAGE_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;

/** A server under test, in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /**
   * @param profileFolder gets a CPU profile when the server ends
   * @throws Error when the server has not said its URL within 30 s
   */
  static async start(name: ServerName, profileFolder?: string): Promise<ServerProcess> {
    const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
    const child = fork(fileURLToPath(SCRIPTS[name]), [], { execArgv: profiling, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    try {
      return new ServerProcess(child, await firstLine(child, name));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** @param collect whether to collect garbage first, so that memory can be compared */
  async usage({ collect = false } = {}): Promise<ServerUsage> {
    const response = await fetch(`${this.url}/usage${collect ? '?collect' : ''}`, { signal: AbortSignal.timeout(USAGE_DEADLINE_MS) });
    const usage: ServerUsage = JSON.parse(await response.text());
    return usage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    this.#child.disconnect();
    await exited;
    clearTimeout(timer);
  }
}

async function firstLine(child: ChildProcess, name: ServerName): Promise<string> {
  if (!child.stdout) throw new Error('The server process has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`The ${name} server ended before it listened; its own words are above.`);
  });
  const [line]: unknown[] = await Promise.race([once(lines, 'line', { signal: AbortSignal.timeout(START_DEADLINE_MS) }), failed]);
  lines.close();
  failed.catch(() => undefined);
  return String(line);
}
