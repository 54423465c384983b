import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Usage } from './server-child.ts';

/** A server in a process of its own, so that what it holds can be counted without the test's own. */
export interface ServerProcess {
  readonly url: string;
  /** What the server holds after a garbage collection. */
  usage(): Promise<Usage>;
  close(): Promise<void>;
  /** Ends it as a crash does: nobody is told. */
  kill(): Promise<void>;
}

/** @param port of HTTP, so that a server can have the place of one before */
export async function startServerProcess(port = 0): Promise<ServerProcess> {
  const child = fork(new URL('server-child.ts', import.meta.url), [String(port)], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [url]: [string] = (await once(child, 'message')) as [string];
  return {
    url,
    async usage() {
      child.send('usage');
      const [usage] = (await once(child, 'message')) as [Usage];
      return usage;
    },
    async close() {
      const exited = once(child, 'exit');
      child.send('close');
      await exited;
    },
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
