import { isDeepStrictEqual } from 'node:util';
import { type Clock, type Logger, type Undo, MediaError, backoffDelay } from '@sluice/core';
import { CircuitBreaker } from '../delivery/circuit-breaker.ts';
import { messageId } from '../delivery/message-id.ts';
import { redactUrl } from '../delivery/redact-url.ts';
import { type Attempt, type Sender, createSender } from '../delivery/sender.ts';
import { TargetStatistics } from '../operator/target-statistics.ts';
import type { TargetSettings } from '../options/options.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Letter } from './letter.ts';
import { LetterQueue } from './letter-queue.ts';

/** Refusals that may be over soon: timeout, too early, too many requests (RFC 9110, 8470, 6585). */
const PASSING_REFUSALS: ReadonlySet<number> = new Set([408, 425, 429]);

/** Why an attempt failed. */
interface Failure {
  readonly error: MediaError;
  /** Whether the same can never succeed. */
  readonly isFinal: boolean;
  /** Whether the target could not be reached at all. */
  readonly isFault: boolean;
  readonly retryAfterMs: number;
}

/**
 * One URL that is told. Letters of one topic arrive in order: the next one is sent when the one before has been taken
 * or was given up. Nobody waits for any of it.
 */
export class NotificationTarget {
  /** The hook's name in messages, for example `on_stream_changed`. */
  readonly hook: string;
  readonly statistics = new TargetStatistics();
  readonly deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #rootLogger: Logger;
  readonly #queue: LetterQueue;
  readonly #life = new AbortController();
  readonly #attempts = new Map<Letter, number>();
  /** Letters that wait for their next attempt. */
  readonly #delayed = new Map<Letter, Undo>();
  readonly #whenEmpty = new Set<() => void>();
  #settings: TargetSettings;
  #logger: Logger;
  #breaker: CircuitBreaker;
  #sender: Sender;
  #cancelProbe: Undo | undefined;
  #sending = 0;
  #seq = 0;
  #isDraining = false;

  constructor(hook: string, settings: TargetSettings, clock: Clock, logger: Logger) {
    this.hook = hook;
    this.#clock = clock;
    this.#rootLogger = logger;
    this.#settings = settings;
    this.#logger = logger.child({ hook, url: redactUrl(settings.url) });
    this.#breaker = new CircuitBreaker(clock, { failures: settings.breakerFailures, openMs: settings.breakerOpenMs });
    this.#sender = createSender(hook, settings, clock);
    this.deadLetters = new DeadLetters(settings.maxDeadLetters);
    this.#queue = new LetterQueue(settings.maxQueuedNotifications);
  }

  get settings(): TargetSettings {
    return this.#settings;
  }

  get breaker(): CircuitBreaker {
    return this.#breaker;
  }

  /** Takes other settings; what waits is sent with them, also to another URL. */
  configure(settings: TargetSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    void this.#sender.close();
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
    this.#settings = settings;
    this.#logger = this.#rootLogger.child({ hook: this.hook, url: redactUrl(settings.url) });
    this.#breaker = new CircuitBreaker(this.#clock, { failures: settings.breakerFailures, openMs: settings.breakerOpenMs });
    this.#sender = createSender(this.hook, settings, this.#clock);
    this.deadLetters.maxLetters = settings.maxDeadLetters;
    this.#queue.maxLetters = settings.maxQueuedNotifications;
    this.#pump();
  }

  /** Letters that wait or are being sent. */
  get queueLength(): number {
    return this.#queue.size;
  }

  /** Queues a letter; `seq` in its body counts the letters of this URL, so a gap is something that was dropped. */
  tell(topic: string, body: object): void {
    this.statistics.asked += 1;
    this.#add({ id: messageId(), topic, body: JSON.stringify({ ...body, seq: this.#seq++ }) });
  }

  /** Whether something of this topic has not been taken yet. */
  isTelling(topic: string): boolean {
    return this.#queue.has(topic);
  }

  /** Queues dead letters again, as many as there is room for: neither they nor those that wait are dropped. @returns how many */
  replay(id?: string): number {
    const letters = this.deadLetters.take(Math.max(0, this.#queue.maxLetters - this.#queue.size), id);
    for (const letter of letters) this.#add(letter);
    return letters.length;
  }

  /** Sends at once what waits for its next attempt, and resolves when all is delivered or given up. */
  drain(): Promise<void> {
    this.#isDraining = true;
    this.breaker.probeNow();
    for (const letter of this.#delayed.keys()) this.#sendAgain(letter);
    this.#pump();
    if (this.#queue.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty.add(resolve);
    });
  }

  /** Gives up what has not been delivered. */
  async close(): Promise<void> {
    this.#life.abort(new MediaError('MANAGER_CLOSED', 'The server is closing.'));
    this.#cancelProbe?.();
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
    if (this.#queue.size > 0) this.#logger.error({ lost: this.#queue.size }, 'Notifications were not delivered before the end');
    await this.#sender.destroy();
  }

  #add(letter: Letter): void {
    if (this.#queue.add(letter)) {
      this.statistics.dropped += 1;
      this.#logger.warn({ dropped: this.statistics.dropped }, 'Notification dropped, too many wait for this URL');
    }
    this.#pump();
  }

  #pump(): void {
    while (!this.#life.signal.aborted && this.#sending < this.settings.maxConnections) {
      const letter = this.#mayPass() ? this.#queue.next() : undefined;
      if (!letter) return;
      this.#sending += 1;
      void this.#send(letter);
    }
  }

  #mayPass(): boolean {
    const { state, msUntilProbe } = this.breaker;
    if (state === 'half-open') return this.#sending === 0;
    if (state === 'closed') return true;
    this.#cancelProbe ??= this.#clock.setTimeout(() => {
      this.#cancelProbe = undefined;
      this.#pump();
    }, msUntilProbe);
    return false;
  }

  async #send(letter: Letter): Promise<void> {
    const failure = await this.#attempt(letter);
    this.#sending -= 1;
    if (this.#life.signal.aborted) return;
    if (failure) this.#failed(letter, failure);
    else this.#finish(letter);
    this.#pump();
  }

  async #attempt(letter: Letter): Promise<Failure | undefined> {
    const permit = this.breaker.tryPass();
    const sentAt = this.#clock.monotonic();
    try {
      const failure = failureOf(this.hook, await this.#sender.send(letter, { signal: this.#life.signal, readsBody: false }));
      this.statistics.observe(this.#clock.monotonic() - sentAt, failure?.isFault ? 'fault' : 'answered');
      if (failure?.isFault) permit?.failed();
      else permit?.succeeded();
      return failure;
    } catch (error) {
      permit?.released();
      const failed = MediaError.is(error) ? error : new MediaError('HOOK_FAILED', `The ${this.hook} hook could not be told.`, { cause: error });
      return { error: failed, isFinal: true, isFault: false, retryAfterMs: 0 };
    }
  }

  #failed(letter: Letter, { error, isFinal, retryAfterMs }: Failure): void {
    const attempts = (this.#attempts.get(letter) ?? 0) + 1;
    this.#attempts.set(letter, attempts);
    if (isFinal || attempts > this.settings.notificationRetries) return this.#giveUp(letter, attempts, error);
    const { retryDelayMs: firstMs, maxRetryDelayMs: longestMs } = this.settings;
    const delayMs = Math.max(backoffDelay(attempts, { firstMs, longestMs }, Math.random()), Math.min(retryAfterMs, longestMs));
    this.#logger.debug({ err: error, id: letter.id, attempts, delayMs }, 'Notification failed and is sent again');
    const cancel = this.#clock.setTimeout(() => {
      this.#sendAgain(letter);
      this.#pump();
    }, this.#isDraining ? Math.min(delayMs, firstMs) : delayMs);
    this.#delayed.set(letter, cancel);
  }

  #sendAgain(letter: Letter): void {
    this.#delayed.get(letter)?.();
    this.#delayed.delete(letter);
    this.#queue.again(letter);
  }

  #giveUp(letter: Letter, attempts: number, error: MediaError): void {
    this.statistics.fail(error);
    this.deadLetters.add({ letter, failedAt: this.#clock.now(), attempts, reason: error.message });
    this.#logger.warn({ err: error, id: letter.id, attempts, deadLetters: this.deadLetters.size }, 'Notification given up; it can be replayed');
    this.#finish(letter);
  }

  #finish(letter: Letter): void {
    this.#attempts.delete(letter);
    this.#queue.done(letter);
    if (this.#queue.size > 0) return;
    for (const resolve of this.#whenEmpty) resolve();
    this.#whenEmpty.clear();
  }
}

/** What the target said of a letter; undefined when it took it. Any 2xx takes it, as Standard Webhooks has it. */
function failureOf(hook: string, attempt: Attempt): Failure | undefined {
  if ('fault' in attempt) return { error: attempt.fault, isFinal: false, isFault: true, retryAfterMs: 0 };
  const { status, retryAfterMs = 0 } = attempt.reply;
  if (status >= 200 && status < 300) return undefined;
  const error = new MediaError('HOOK_FAILED', `The ${hook} hook answered with HTTP ${status} instead of 200.`);
  return { error, isFinal: status < 500 && !PASSING_REFUSALS.has(status), isFault: status >= 502 && status <= 504, retryAfterMs };
}
