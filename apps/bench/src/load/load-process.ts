import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadCommands, LoadReply, LoadSettings } from './protocol.ts';

const SCRIPT = fileURLToPath(new URL('./load-child.ts', import.meta.url));
const START_DEADLINE_MS = 30_000;

/** A process of the load generator, so that neither the bench nor another part of the load holds it up. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (reply: LoadReply) => this.#receive(reply));
    child.once('exit', () => this.#fail());
  }

  /** @throws Error when the process does not start */
  static async start(settings: LoadSettings): Promise<LoadProcess> {
    const child = fork(SCRIPT, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    try {
      await once(child, 'message', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error('A process of the load generator did not start; its own words are above.', { cause: error });
    }
    return new LoadProcess(child);
  }

  /** @throws Error that the process failed with, or that it ended */
  run<C extends keyof LoadCommands>(command: C, ...[argument]: Parameters<LoadCommands[C]>): ReturnType<LoadCommands[C]>;
  run(command: keyof LoadCommands, argument?: unknown): Promise<unknown> {
    const id = ++this.#requests;
    const reply = Promise.withResolvers<unknown>();
    this.#waiting.set(id, reply);
    this.#child.send({ id, command, argument });
    return reply.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #receive({ id, result, error }: LoadReply): void {
    const reply = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) reply?.resolve(result);
    else reply?.reject(new Error(`The load generator failed: ${error}`));
  }

  #fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('A process of the load generator has ended.'));
    this.#waiting.clear();
  }
}
