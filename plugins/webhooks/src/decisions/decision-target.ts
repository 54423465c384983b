import { type Clock, type Logger, MediaError, type TraceContext, withDeadline } from '@sluice/core';
import { CircuitBreaker } from '../delivery/circuit-breaker.ts';
import { messageId } from '../delivery/message-id.ts';
import { pause } from '../delivery/pause.ts';
import { redactUrl } from '../delivery/redact-url.ts';
import { type Attempt, type Message, type Reply, type Sender, createSender } from '../delivery/sender.ts';
import { TargetStatistics } from '../operator/target-statistics.ts';
import type { TargetSettings } from '../options/options.ts';
import { type HookAnswer, parseAnswer } from './answer.ts';
import { AnswerMemory } from './answer-memory.ts';
import { SharedFlights } from './shared-flights.ts';

/** Statuses with which a proxy says that it could not reach the receiver. */
const GATEWAY_FAULTS: ReadonlySet<number> = new Set([502, 503, 504]);

/** An answer that allows, when `onError` says so. */
const ALLOWED: HookAnswer = { code: 0 };

/** One question. */
export interface Question {
  readonly body: object;
  /** What the answer depends on: equal questions may share one. */
  readonly key: string;
  /** Whether only a new answer counts. */
  readonly fresh?: boolean | undefined;
  readonly trace?: TraceContext | undefined;
  /** The asker has gone, or the server closes. */
  readonly signal: AbortSignal;
}

/** One URL that decides. */
export class DecisionTarget {
  /** The hook's name in messages, for example `on_publish`. */
  readonly hook: string;
  readonly settings: TargetSettings;
  readonly breaker: CircuitBreaker;
  readonly statistics = new TargetStatistics();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sender: Sender;
  readonly #memory: AnswerMemory;
  readonly #flights = new SharedFlights<HookAnswer>();
  /** Whether the last answer carried a `ttl`; one that does not is of no use to others, so they do not wait for it. */
  #givesTtl = true;
  #pending = 0;

  constructor(hook: string, settings: TargetSettings, clock: Clock, logger: Logger) {
    this.hook = hook;
    this.settings = settings;
    this.#clock = clock;
    this.#logger = logger.child({ hook, url: redactUrl(settings.url) });
    this.breaker = new CircuitBreaker(clock, { failures: settings.breakerFailures, openMs: settings.breakerOpenMs });
    this.#sender = createSender(hook, settings, clock);
    this.#memory = new AnswerMemory(clock, settings.maxCachedAnswers);
  }

  /** Answers that are kept. */
  get cached(): number {
    return this.#memory.size;
  }

  /**
   * The answer, from memory as long as its `ttl` lasts; without one, what `onError` says.
   * @throws MediaError HOOK_FAILED, HOOK_TIMEOUT, or the reason of the signal
   */
  async ask(question: Question): Promise<HookAnswer> {
    const { signal, key, fresh = false } = question;
    signal.throwIfAborted();
    const known = fresh ? undefined : this.#memory.fresh(key);
    if (known) {
      this.statistics.cacheHits += 1;
      return known;
    }
    this.statistics.asked += 1;
    try {
      return await this.#askInTime(question);
    } catch (error) {
      signal.throwIfAborted();
      this.statistics.fail(error);
      return this.#withoutAnswer(key, error);
    }
  }

  /** Forgets all answers. @returns how many */
  purge(): number {
    return this.#memory.purge();
  }

  /** Lets questions that are under way end. */
  retire(): Promise<void> {
    return this.#sender.close();
  }

  close(): Promise<void> {
    return this.#sender.destroy();
  }

  #withoutAnswer(key: string, error: unknown): HookAnswer {
    const { onError } = this.settings;
    const instead = onError === 'allow' ? ALLOWED : onError === 'lastKnown' ? this.#memory.last(key) : undefined;
    if (!instead) throw error;
    this.#logger.warn({ err: error, onError }, 'Hook gave no usable answer, so onError decides');
    return instead;
  }

  #askInTime(question: Question): Promise<HookAnswer> {
    const { budgetMs, maxPendingQuestions } = this.settings;
    if (this.#pending >= maxPendingQuestions) {
      this.statistics.dropped += 1;
      throw new MediaError('HOOK_FAILED', `More than ${maxPendingQuestions} questions wait for the ${this.hook} hook.`);
    }
    this.#pending += 1;
    const expired = (): MediaError => new MediaError('HOOK_TIMEOUT', `The ${this.hook} hook gave no answer within ${budgetMs} ms, further attempts included.`);
    return withDeadline(this.#clock, { ms: budgetMs, expired, signal: question.signal }, (signal) => this.#shareOrAsk({ ...question, signal })).finally(() => {
      this.#pending -= 1;
    });
  }

  async #shareOrAsk(question: Question): Promise<HookAnswer> {
    const { key, fresh, signal } = question;
    if (fresh || !this.#givesTtl) return this.#askAndRemember(question);
    const isFirst = !this.#flights.has(key);
    const answer = await this.#flights.join(key, signal, (own) => this.#askAndRemember({ ...question, signal: own }));
    // Without a ttl it was an answer to one question only.
    return isFirst || answer.ttl ? answer : this.#askAndRemember(question);
  }

  async #askAndRemember(question: Question): Promise<HookAnswer> {
    const answer = parseAnswer(this.hook, (await this.#askUrl(question)).body);
    this.#givesTtl = Boolean(answer.ttl);
    if (answer.ttl || this.settings.onError === 'lastKnown') this.#memory.remember(question.key, answer);
    else this.#memory.forget(question.key);
    return answer;
  }

  async #askUrl({ body, trace, signal }: Question): Promise<Reply> {
    const { retries, retryDelayMs } = this.settings;
    const message = { id: messageId(), body: JSON.stringify(body), trace };
    let attempt = await this.#attempt(message, signal);
    for (let left = retries; 'fault' in attempt && left > 0; left -= 1) {
      this.#logger.warn({ err: attempt.fault }, `${attempt.fault.message} Asking again.`);
      await pause(this.#clock, retryDelayMs, signal);
      attempt = await this.#attempt(message, signal);
    }
    if ('fault' in attempt) throw attempt.fault;
    if (attempt.reply.status === 200) return attempt.reply;
    throw new MediaError('HOOK_FAILED', `The ${this.hook} hook answered with HTTP ${attempt.reply.status} instead of 200.`);
  }

  async #attempt(message: Message, signal: AbortSignal): Promise<Attempt> {
    const permit = this.breaker.tryPass();
    if (!permit) throw new MediaError('HOOK_FAILED', `The ${this.hook} hook has failed too often; it is asked again in a while.`);
    const sentAt = this.#clock.monotonic();
    try {
      const attempt = faultOfGateway(this.hook, await this.#sender.send(message, { signal, readsBody: true }));
      this.statistics.observe(this.#clock.monotonic() - sentAt, 'fault' in attempt ? 'fault' : 'answered');
      if ('fault' in attempt) permit.failed();
      else permit.succeeded();
      return attempt;
    } catch (error) {
      // It answered, if wrongly; or the asker has gone.
      if (signal.aborted) permit.released();
      else permit.succeeded();
      throw error;
    }
  }
}

function faultOfGateway(hook: string, attempt: Attempt): Attempt {
  if ('fault' in attempt || !GATEWAY_FAULTS.has(attempt.reply.status)) return attempt;
  return { fault: new MediaError('HOOK_FAILED', `The ${hook} hook answered with HTTP ${attempt.reply.status} instead of 200.`) };
}
