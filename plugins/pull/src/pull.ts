import { randomBytes } from 'node:crypto';
import { SignallingError } from '@sluice/client';
import { type Logger, MediaError, type MediaTrack, type Publication, type PublicationSource, type RtcTransport, type StreamKey, type StreamOrigin, type StreamProxy, type StreamRegistry, streamKeyText } from '@sluice/core';
import { backoffMs } from './backoff.ts';
import { type ConnectOptions, type Connection, connect } from './connect.ts';
import type { PullSettings } from './options.ts';

/** Media that flowed for so long, milliseconds, makes the failures before it count no more. */
const STABLE_AFTER_MS = 10_000;

/** The server understood and said no; asking again changes nothing. */
const FINAL_STATUSES = new Set([400, 401, 403, 405, 406, 415, 422]);

/** What a {@link Pull} is made from. */
export interface PullEnvironment extends Omit<ConnectOptions, 'signal' | 'label' | 'settings'> {
  /** Of each attempt, asked for anew because they change. */
  readonly settings: () => PullSettings;
  readonly stream: StreamKey;
  readonly streams: StreamRegistry;
  readonly logger: Logger;
  readonly onDemand: boolean;
  /** Failed attempts in a row before it is given up; absent = it is tried again whatever the server says. */
  readonly maxRetries: (() => number) | undefined;
  onAttemptFailed(): void;
  onEnded(): void;
}

/** One stream that is pulled: published here while it is played there, and tried again when that ends. */
export class Pull implements StreamProxy {
  readonly id: string;
  readonly stream: StreamKey;
  readonly onDemand: boolean;
  readonly createdAt: number;
  /** Resolves when it is live for the first time, rejects when its first attempt has failed. */
  readonly started: Promise<void>;
  readonly #environment: PullEnvironment;
  readonly #logger: Logger;
  readonly #identity = `pull:${randomBytes(16).toString('base64url')}`;
  readonly #life = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  #publication: Publication;
  #connection: Connection | undefined;
  #state: StreamOrigin['state'] = 'connecting';
  #failures = 0;
  #lastError: string | undefined;
  #closed: Promise<void> = Promise.resolve();

  /** @throws MediaError STREAM_BUSY */
  constructor(environment: PullEnvironment) {
    this.#environment = environment;
    this.id = streamKeyText(environment.stream);
    this.stream = environment.stream;
    this.onDemand = environment.onDemand;
    this.createdAt = environment.clock.now();
    this.#logger = environment.logger.child({ stream: this.id, url: publicUrl(environment.source.whep) });
    this.started = this.#started.promise;
    // Not everybody who starts one waits for it.
    this.started.catch(() => undefined);
    this.#publication = this.#reserve();
    void this.#run();
  }

  get origin(): StreamOrigin {
    return {
      type: 'pull',
      url: publicUrl(this.#environment.source.whep),
      state: this.#state,
      lastError: this.#lastError,
      failedAttempts: this.#failures,
    };
  }

  /** Settles when the other server knows of the end, or was told in vain. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Ends it here and at the server. Idempotent. */
  stop(reason: string): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#state = 'ended';
    this.#started.reject(new MediaError('SOURCE_FAILED', `The stream could not be pulled: ${this.#lastError ?? reason}`));
    this.#closed = this.#connection?.close(reason) ?? this.#closed;
    // The stream, and not only this hold on it: an interrupted one is kept for its publisher otherwise.
    this.#publication.stream.close(reason);
    this.#environment.onEnded();
  }

  async #run(): Promise<void> {
    const { signal } = this.#life;
    while (!signal.aborted) {
      const retryAfterMs = await this.#attempt();
      if (signal.aborted) return;
      await this.#pause(retryAfterMs);
    }
  }

  /** @returns what the server asks to wait before the next */
  async #attempt(): Promise<number | undefined> {
    const { clock } = this.#environment;
    try {
      this.#connection = await connect({ ...this.#environment, settings: this.#environment.settings(), label: this.id, signal: this.#life.signal });
      // Ended while its last step was under way.
      if (this.#life.signal.aborted) return void this.#connection.close('the pull was ended');
      const liveSince = clock.monotonic();
      this.#wentLive();
      const reason = await ended(this.#connection.transport);
      if (this.#life.signal.aborted) return undefined;
      if (clock.monotonic() - liveSince >= STABLE_AFTER_MS) this.#failures = 0;
      // The server may not know that the way to it is cut.
      void this.#connection.close(reason);
      this.#interrupted(reason);
    } catch (error) {
      this.#failed(error);
      return error instanceof SignallingError ? error.retryAfterMs : undefined;
    }
    return undefined;
  }

  #wentLive(): void {
    this.#state = 'live';
    this.#lastError = undefined;
    this.#publication.live();
    this.#started.resolve();
    this.#logger.info({ failures: this.#failures }, 'The stream is pulled');
  }

  /** Viewers are kept; the next connection takes over from this one. */
  #interrupted(reason: string): void {
    this.#connection = undefined;
    this.#publication.lost(reason, this.#environment.settings().maxBackoffMs);
    this.#publication = this.#reserve();
    this.#note(reason);
  }

  #failed(error: unknown): void {
    if (this.#life.signal.aborted) return;
    const words = wordsOf(error);
    this.#note(words);
    this.#started.reject(new MediaError('SOURCE_FAILED', `The stream could not be pulled: ${words}`, { cause: error }));
    const { maxRetries } = this.#environment;
    if (!maxRetries || (!isFinal(error) && this.#failures <= maxRetries())) return;
    this.#logger.warn({ reason: words, failures: this.#failures }, 'The pull is given up');
    // Viewers read this, and what the other server says of itself is not for them.
    this.stop('its source failed');
  }

  #note(reason: string): void {
    this.#state = 'retrying';
    this.#failures += 1;
    this.#lastError = reason;
    this.#environment.onAttemptFailed();
    this.#logger.warn({ reason, failures: this.#failures }, 'The stream is not pulled at the moment');
  }

  #pause(retryAfterMs: number | undefined): Promise<void> {
    const { clock, settings } = this.#environment;
    const { signal } = this.#life;
    const delayMs = backoffMs(settings(), Math.max(1, this.#failures), retryAfterMs, Math.random());
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.setTimeout(done, delayMs);
      signal.addEventListener('abort', done);
    });
  }

  /** @throws MediaError STREAM_BUSY */
  #reserve(): Publication {
    const tracks = (): readonly MediaTrack[] => this.#connection?.transport.inbound ?? [];
    const origin = (): StreamOrigin => this.origin;
    const source: PublicationSource = {
      get tracks() {
        return tracks();
      },
      get origin() {
        return origin();
      },
      identity: this.#identity,
      onDemand: this.onDemand,
      close: (reason) => this.stop(reason),
    };
    return this.#environment.streams.publish(this.stream, source);
  }
}

function ended(transport: RtcTransport): Promise<string> {
  if (transport.state === 'closed') return Promise.resolve('the other server ended it');
  return new Promise((resolve) => {
    transport.onState((state, reason = 'the other server ended it') => {
      if (state === 'closed') resolve(reason);
    });
  });
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof SignallingError)) return false;
  return error.failure === 'redirect' || (error.status !== undefined && FINAL_STATUSES.has(error.status));
}

/** In the middle of a sentence, without its full stop. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  return words.replace(/\.$/, '');
}

/** Without query and credentials, which may be secret. */
function publicUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.origin}${parsed.pathname}` : '';
}
