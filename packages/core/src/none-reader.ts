import type { Undo } from './clock.ts';
import { wordsOf } from './failures.ts';
import type { HookBus } from './hook-bus.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { PublishedStream } from './published-stream.ts';

export interface NoneReaderOptions {
  readonly settings: ManagerSettings;
  readonly hooks: HookBus;
}

/**
 * `unwatched` = nobody has ever watched, so nobody can have left; `watched` = has viewers;
 * `idle` = the last viewer left and the timer runs; `asking` = the hook decides; `over` is final.
 */
type WatchState =
  | { readonly name: 'unwatched' | 'watched' | 'over' }
  | { readonly name: 'idle'; readonly since: number; readonly cancelTimer: Undo }
  | { readonly name: 'asking'; readonly since: number; readonly controller: AbortController };

/**
 * Asks the `none-reader` hook when a stream has lost its last viewer, once per idle period.
 * `keep` starts the next period; without an answer, or when the hook fails, the stream is kept too:
 * nobody closes a publisher unless told to. A stream that was started for viewers is closed without an answer; its first
 * idle period begins when it goes live.
 */
export class NoneReaderWatch {
  readonly #options: NoneReaderOptions;
  readonly #stream: PublishedStream;
  #state: WatchState = { name: 'unwatched' };

  constructor(options: NoneReaderOptions, stream: PublishedStream) {
    this.#options = options;
    this.#stream = stream;
  }

  firstReaderCame(): void {
    this.#enter({ name: 'watched' });
  }

  nobodyWatches(): void {
    this.#wait(this.#options.settings.clock.monotonic());
  }

  /** The stream has ended. */
  stop(): void {
    this.#enter({ name: 'over' });
  }

  #wait(since: number): void {
    const { settings } = this.#options;
    const { noneReaderDelayMs } = settings.rulesOf(this.#stream.key);
    const cancelTimer = settings.clock.setTimeout(() => void this.#ask(since), noneReaderDelayMs);
    this.#enter({ name: 'idle', since, cancelTimer });
  }

  async #ask(since: number): Promise<void> {
    const asking: WatchState = { name: 'asking', since, controller: new AbortController() };
    this.#enter(asking);
    const answer = await this.#answer(since, asking.controller.signal);
    // A viewer came or the stream ended in the meantime: the answer is about the past.
    if (this.#state !== asking) return;
    if (answer === 'close') this.#stream.close('no viewers');
    else this.#wait(since);
  }

  async #answer(since: number, signal: AbortSignal): Promise<'keep' | 'close'> {
    const { hooks, settings } = this.#options;
    const { key, query } = this.#stream;
    try {
      const first = await hooks.first('none-reader', { stream: key, idleMs: settings.clock.monotonic() - since, query }, signal);
      return first?.answer ?? (this.#stream.onDemand ? 'close' : 'keep');
    } catch (error) {
      if (!signal.aborted) settings.logger.error({ err: error }, `The stream is kept: ${wordsOf(error)}`);
      return 'keep';
    }
  }

  #enter(next: WatchState): void {
    const last = this.#state;
    if (last.name === 'over') return;
    this.#state = next;
    if (last.name === 'idle') last.cancelTimer();
    if (last.name === 'asking') last.controller.abort();
  }
}
