import type { Undo } from './clock.ts';
import { abortError, withDeadline } from './deadline.ts';
import { MediaError } from './errors.ts';
import { blame, wordsOf } from './failures.ts';
import type { FirstAnswer, HookBus } from './hook-bus.ts';
import type { AccessRequest, NotFoundSource, StreamStarter } from './hook-points.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { Contribution } from './manager-types.ts';
import { type StreamKey, streamKeyText } from './stream-key.ts';
import { type StreamSource, type StreamSourceStarter, sourceOfStream } from './stream-source.ts';
import type { Stream } from './stream.ts';

export interface OnDemandOptions {
  readonly settings: ManagerSettings;
  readonly hooks: HookBus;
  /** Whether a publisher has reserved the name and is connecting. */
  readonly isReserved: (key: StreamKey) => boolean;
  /** The last viewer has left that waited for it. */
  readonly onAbandoned: (key: StreamKey) => void;
  readonly sourceStarters: () => readonly Contribution<StreamSourceStarter>[];
}

/**
 * What is done for a missing stream: `expecting` = a publisher is connecting, so nobody is asked;
 * `asking` = the hook decides; `starting` = a starter starts it; `waiting` = for somebody to publish; `settled` is final.
 */
type DemandState = 'expecting' | 'asking' | 'starting' | 'waiting' | 'settled';

interface Waiter {
  serve(stream: Stream): void;
  refuse(error: MediaError): void;
}

interface OwnedStarter extends StreamStarter {
  readonly owner: string;
}

/** One missing stream and all who wait for it. */
interface Demand {
  readonly key: StreamKey;
  readonly request: AccessRequest;
  readonly waiters: Set<Waiter>;
  /** Stops the hook or the starter. */
  readonly controller: AbortController;
  /** Whether a starter was asked to start it, so that the end of what it reserved is the end of the wait. */
  isStarted: boolean;
  state: DemandState;
}

/**
 * Viewers of streams that nobody publishes. Per missing stream the `stream-not-found` hook is asked once
 * for all its viewers; every viewer waits for its own full time. All timers of the waiting are here.
 *
 * With `maxStreamWaitMs` 0 the viewer is refused at once. The hook is asked all the same, so that it can
 * make the stream appear for the viewer's next try; its answer is not used and no starter is started.
 */
export class OnDemand {
  readonly #options: OnDemandOptions;
  readonly #demands = new Map<string, Demand>();
  #waiting = 0;
  #refused = 0;
  #closed: MediaError | undefined;

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** Viewers refused because too many were waiting. */
  get refused(): number {
    return this.#refused;
  }

  /** @throws MediaError STREAM_NOT_FOUND, REQUEST_ABORTED, SESSION_LIMIT, HOOK_FAILED, HOOK_TIMEOUT, MANAGER_CLOSED */
  async wait(request: AccessRequest, signal: AbortSignal): Promise<Stream> {
    if (this.#closed) throw this.#closed;
    if (signal.aborted) throw abortError(signal);
    const { maxWaiters } = this.#options.settings.limits;
    const { maxStreamWaitMs } = this.#options.settings.rulesOf(request);
    if (Math.max(this.#waiting, this.#demands.size) >= maxWaiters) {
      this.#refused += 1;
      throw new MediaError('SESSION_LIMIT', `More than ${maxWaiters} viewers wait for missing streams.`);
    }
    const demand = this.#demandFor(request);
    if (maxStreamWaitMs === 0) throw nobodyPublishes();
    return this.#join(demand, maxStreamWaitMs, signal);
  }

  /** The stream went live. */
  serve(key: StreamKey, stream: Stream): void {
    const demand = this.#demands.get(streamKeyText(key));
    if (!demand) return;
    this.#settle(demand);
    for (const waiter of demand.waiters) waiter.serve(stream);
  }

  /** A publisher that was expected failed before it went live. */
  reservationEnded(key: StreamKey, reason: string): void {
    const demand = this.#demands.get(streamKeyText(key));
    if (demand?.state === 'expecting') return void this.#ask(demand);
    if (!demand?.isStarted) return;
    // Not for viewers: the reason may be in the words of another server.
    this.#options.settings.logger.warn({ stream: streamKeyText(key), reason }, 'A stream could not be started for its viewers');
    this.#refuse(demand, new MediaError('STREAM_NOT_FOUND', 'The stream could not be started; the log of the server says why.'));
  }

  /** Ends the wait of all, now and later. */
  close(error: MediaError): void {
    this.#closed ??= error;
    for (const demand of this.#demands.values()) this.#refuse(demand, error);
  }

  #demandFor(request: AccessRequest): Demand {
    const { vhost, app, stream } = request;
    const key = { vhost, app, stream };
    const name = streamKeyText(key);
    const existing = this.#demands.get(name);
    if (existing) return existing;
    const demand: Demand = { key, request, waiters: new Set(), controller: new AbortController(), isStarted: false, state: 'expecting' };
    this.#demands.set(name, demand);
    if (!this.#options.isReserved(key)) void this.#ask(demand);
    return demand;
  }

  #join(demand: Demand, maxStreamWaitMs: number, signal: AbortSignal): Promise<Stream> {
    const { clock } = this.#options.settings;
    return new Promise((resolve, reject) => {
      const undos: Undo[] = [];
      const leave = (): void => {
        demand.waiters.delete(waiter);
        this.#waiting -= 1;
        for (const undo of undos) undo();
        if (demand.waiters.size === 0) this.#abandon(demand);
      };
      const waiter: Waiter = {
        serve: (stream) => {
          leave();
          resolve(stream);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.refuse(abortError(signal));
      signal.addEventListener('abort', onAbort);
      undos.push(
        () => signal.removeEventListener('abort', onAbort),
        clock.setTimeout(() => waiter.refuse(nobodyPublishes(maxStreamWaitMs)), maxStreamWaitMs),
      );
      demand.waiters.add(waiter);
      this.#waiting += 1;
    });
  }

  async #ask(demand: Demand): Promise<void> {
    demand.state = 'asking';
    try {
      // The viewer joins first, so that it is served even by a hook that publishes at once.
      await Promise.resolve();
      const first = await this.#options.hooks.first('stream-not-found', demand.request, demand.controller.signal);
      if (demand.state !== 'asking') return;
      // Nobody waits any more, or nobody may (maxStreamWaitMs 0).
      if (demand.waiters.size === 0) return this.#settle(demand);
      await this.#follow(demand, first);
    } catch (error) {
      this.#fail(demand, error);
    }
  }

  async #follow(demand: Demand, first: FirstAnswer<'stream-not-found'> | undefined): Promise<void> {
    const answer = first?.answer ?? 'wait';
    if (answer === 'reject') {
      return this.#refuse(demand, new MediaError('STREAM_NOT_FOUND', 'The stream was not found.', { plugin: first?.owner }));
    }
    const starter = answer === 'wait' ? this.#starterOfPath(demand.key) : this.#starterOf(answer, first?.owner ?? 'host');
    if (starter) {
      demand.state = 'starting';
      demand.isStarted = true;
      await this.#start(demand, starter);
    }
    if (demand.state !== 'settled') demand.state = 'waiting';
  }

  #starterOfPath(key: StreamKey): OwnedStarter | undefined {
    const { source } = this.#options.settings.pathSettings(key);
    return source && this.#starterOfSource(sourceOfStream(source, key));
  }

  #starterOf(answer: NotFoundSource | StreamStarter, owner: string): OwnedStarter {
    if ('source' in answer) return this.#starterOfSource(answer.source);
    return { owner, start: (stream, signal) => answer.start(stream, signal) };
  }

  #starterOfSource(source: StreamSource): OwnedStarter {
    const found = this.#options.sourceStarters().find(({ value }) => value.accepts(source));
    if (found) return { owner: found.plugin, start: (stream, signal) => found.value.start(stream, source, signal) };
    const kind = Object.keys(source)[0] ?? 'this';
    throw new MediaError('PLUGIN_DEPENDENCY', `No plugin is loaded that starts sources of the kind "${kind}".`);
  }

  async #start(demand: Demand, starter: OwnedStarter): Promise<void> {
    const { owner } = starter;
    const { clock, timeouts } = this.#options.settings;
    const { hookMs } = timeouts;
    const expired = (): MediaError =>
      new MediaError('HOOK_TIMEOUT', `The stream's source of ${owner} did not start within ${hookMs} ms.`, { plugin: owner });
    const deadline = { ms: hookMs, expired, signal: demand.controller.signal };
    try {
      await withDeadline(clock, deadline, (signal) => starter.start(demand.key, signal));
    } catch (error) {
      // A starter fails in words meant for the viewer, as a refusal does.
      throw blame(error, owner, 'STREAM_NOT_FOUND', wordsOf(error));
    }
  }

  #fail(demand: Demand, error: unknown): void {
    if (demand.state === 'settled') return;
    this.#options.settings.logger.warn({ err: error, stream: streamKeyText(demand.key) }, 'Missing stream could not be provided');
    this.#refuse(demand, blame(error, 'host', 'HOOK_FAILED', 'The stream-not-found hook failed.'));
  }

  #refuse(demand: Demand, error: MediaError): void {
    this.#settle(demand);
    for (const waiter of demand.waiters) waiter.refuse(error);
  }

  #abandon(demand: Demand): void {
    if (demand.state === 'settled') return;
    this.#settle(demand);
    if (demand.isStarted) this.#options.onAbandoned(demand.key);
  }

  #settle(demand: Demand): void {
    if (demand.state === 'settled') return;
    demand.state = 'settled';
    this.#demands.delete(streamKeyText(demand.key));
    demand.controller.abort();
  }
}

function nobodyPublishes(waitedMs = 0): MediaError {
  const waited = waitedMs === 0 ? '' : ` within ${waitedMs} ms`;
  return new MediaError('STREAM_NOT_FOUND', `The stream was not found: nobody published it${waited}.`);
}
