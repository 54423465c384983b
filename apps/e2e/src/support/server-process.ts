import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Usage } from './server-child.ts';

/** A server in a process of its own, so that what it holds can be counted without the test's own. */
export interface ServerProcess {
  readonly url: string;
  /** What the server holds after a garbage collection. */
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

export async function startServerProcess(): Promise<ServerProcess> {
  const child = fork(new URL('server-child.ts', import.meta.url), { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
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
  };
}
