import { MediaError, type PluginContext, type StreamKey, type StreamProxies, type StreamProxy, type StreamProxyRequest, type WhepSource, streamKeyText } from '@sluice/core';
import { type HttpClient, createHttpClient } from './http-client.ts';
import type { PullSettings } from './options.ts';
import { Pull, type PullEnvironment } from './pull.ts';

/** How long other servers have to take note when this one ends, milliseconds. */
const FAREWELL_MS = 1_000;

/** What has happened since the start. */
export interface PullCounters {
  started: number;
  failedAttempts: number;
  /** Not begun, because there were `maxPulls`. */
  refused: number;
}

/** All streams that one server pulls. */
export class Pulls implements StreamProxies {
  readonly counters: PullCounters = { started: 0, failedAttempts: 0, refused: 0 };
  readonly #ctx: PluginContext;
  /** Of every attempt that begins now. */
  #settings: PullSettings;
  /** Of sessions that are open, or being ended. */
  readonly #clients = new Set<HttpClient>();
  readonly #pulls = new Map<string, Pull>();
  /** Of pulls that have ended and whose servers are being told. */
  readonly #farewells = new Set<Promise<void>>();

  constructor(ctx: PluginContext, settings: PullSettings) {
    this.#ctx = ctx;
    this.#settings = settings;
  }

  reconfigure(settings: PullSettings): void {
    this.#settings = settings;
  }

  async add({ stream, source, maxRetries }: StreamProxyRequest): Promise<StreamProxy> {
    const pull = this.#begin(stream, source, { onDemand: false, maxRetries: maxRetries === undefined ? undefined : () => maxRetries });
    try {
      await pull.started;
    } catch (error) {
      pull.stop('its first attempt failed');
      throw error;
    }
    return pull;
  }

  /** Begins for viewers; whether it succeeds they learn from the stream. */
  start(stream: StreamKey, source: WhepSource): void {
    try {
      this.#begin(stream, source, { onDemand: true, maxRetries: () => this.#settings.maxRetries });
    } catch (error) {
      // Somebody has begun to publish it in the meantime, so its viewers need no pull.
      if (!MediaError.is(error) || error.code !== 'STREAM_BUSY') throw error;
    }
  }

  remove(id: string, reason = 'the pull was removed'): boolean {
    const pull = this.#pulls.get(id);
    pull?.stop(reason);
    return pull !== undefined;
  }

  list(): readonly StreamProxy[] {
    return [...this.#pulls.values()];
  }

  async close(reason: string): Promise<void> {
    for (const pull of this.#pulls.values()) pull.stop(reason);
    const told = Promise.all(this.#farewells);
    const timeUp = Promise.withResolvers<void>();
    const cancelTimer = this.#ctx.clock.setTimeout(timeUp.resolve, FAREWELL_MS);
    await Promise.race([told, timeUp.promise]);
    cancelTimer();
    await Promise.all(Array.from(this.#clients, (client) => client.close()));
  }

  #begin(stream: StreamKey, source: WhepSource, rules: Pick<PullEnvironment, 'onDemand' | 'maxRetries'>): Pull {
    const { maxPulls } = this.#settings;
    if (this.#pulls.size >= maxPulls) {
      this.counters.refused += 1;
      throw new MediaError('SOURCE_LIMIT', `${maxPulls} streams are pulled already; end some, or raise maxPulls of the pull plugin.`);
    }
    const id = streamKeyText(stream);
    const { engine, clock, streams, logger } = this.#ctx;
    const path = this.#ctx.pathSettings(stream);
    const pull = new Pull({
      engine,
      clock,
      streams,
      logger,
      settings: () => this.#settings,
      openClient: () => this.#openClient(),
      stream,
      source,
      path,
      ...rules,
      onAttemptFailed: () => (this.counters.failedAttempts += 1),
      onEnded: () => this.#forget(id),
    });
    this.#pulls.set(id, pull);
    this.counters.started += 1;
    return pull;
  }

  #openClient(): HttpClient {
    const { fetch, close } = createHttpClient(this.#settings);
    const client: HttpClient = {
      fetch,
      close: () => {
        this.#clients.delete(client);
        return close();
      },
    };
    this.#clients.add(client);
    return client;
  }

  #forget(id: string): void {
    const farewell = this.#pulls.get(id)?.closed;
    this.#pulls.delete(id);
    if (!farewell) return;
    this.#farewells.add(farewell);
    void farewell.finally(() => this.#farewells.delete(farewell));
  }
}
