import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A hook service in a process of its own, which allows everything. */
export interface HookReceiver extends AsyncDisposable {
  readonly url: string;
  /** For the report. */
  readonly description: string;
}

export async function startHookReceiver(): Promise<HookReceiver> {
  const child = fork(new URL('hook-receiver-child.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port]: unknown[] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${String(port)}/on_publish`,
    description: `node:http ${process.version} in another process, over kept connections on the loopback address`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
