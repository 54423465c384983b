import type { Clock, Undo } from './clock.ts';
import { MediaError } from './errors.ts';
import { wordsOf } from './failures.ts';
import type { Grant } from './grant.ts';
import type { Logger } from './logger.ts';
import type { SessionGrant } from './session.ts';

/** Access hooks are not asked again more often than this. */
const MIN_RENEWAL_MS = 1_000;

export interface SessionLifetimeOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the hooks have just agreed on. */
  readonly grant: Grant;
  /** Asks the access hooks again; a rejection is a refusal. Absent when the grant asks for no renewal. */
  readonly renew?: ((signal: AbortSignal) => Promise<Grant>) | undefined;
}

/** How long a session may live: closes it at the end, or has its access renewed. All times run from when the hooks answered. */
export class SessionLifetime {
  /** Kept up to date. */
  readonly grant: { -readonly [K in keyof SessionGrant]: SessionGrant[K] };
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #askAgain: SessionLifetimeOptions['renew'];
  /** Monotonic. */
  #endsAt: number | undefined;
  #renewsAt: number | undefined;
  #cancelTimers: Undo[] = [];
  #renewing: AbortController | undefined;
  #end: ((reason: string) => void) | undefined;

  constructor({ clock, logger, grant, renew }: SessionLifetimeOptions) {
    this.#clock = clock;
    this.#logger = logger.child({ session: grant.request.sessionId });
    this.#askAgain = renew;
    this.grant = { endsAt: undefined, renewsAt: undefined, maxReaders: undefined, control: undefined, identity: undefined };
    this.#apply(grant);
  }

  /** Runs until the returned function is called; `end` is called once at most. */
  start(end: (reason: string) => void): Undo {
    this.#end = end;
    this.#arm();
    return () => this.#stop();
  }

  /** Of two ends the earlier one stays: who asked for no renewal is not overruled by one. */
  #apply({ lifetimeMs, renewAfterMs, maxReaders, control, identity }: Grant): void {
    const now = this.#clock.monotonic();
    if (lifetimeMs !== undefined) this.#endsAt = Math.min(now + lifetimeMs, this.#endsAt ?? Infinity);
    this.#renewsAt = renewAfterMs === undefined ? undefined : now + Math.max(renewAfterMs, MIN_RENEWAL_MS);
    const wallClock = (at: number | undefined): number | undefined => (at === undefined ? undefined : Math.round(this.#clock.now() + at - now));
    Object.assign(this.grant, { endsAt: wallClock(this.#endsAt), renewsAt: wallClock(this.#renewsAt), maxReaders, control, identity });
  }

  #arm(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [
      ...this.#at(this.#endsAt, () => this.#finish('lifetime over')),
      ...this.#at(this.#renewsAt, () => void this.#renew()),
    ];
  }

  #at(time: number | undefined, task: () => void): Undo[] {
    return time === undefined ? [] : [this.#clock.setTimeout(task, time - this.#clock.monotonic())];
  }

  async #renew(): Promise<void> {
    if (!this.#askAgain) return;
    const controller = new AbortController();
    this.#renewing = controller;
    try {
      const grant = await this.#askAgain(controller.signal);
      if (controller.signal.aborted) return;
      this.#apply(grant);
      this.#arm();
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#logRefusal(error);
      this.#finish(wordsOf(error));
    }
  }

  #finish(reason: string): void {
    const end = this.#end;
    this.#stop();
    end?.(reason);
  }

  #stop(): void {
    this.#end = undefined;
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
    this.#renewing?.abort(new MediaError('SESSION_CLOSED', 'The session has ended.'));
  }

  #logRefusal(error: unknown): void {
    if (MediaError.is(error) && error.status < 500) this.#logger.info({ plugin: error.plugin, code: error.code }, `Access was not renewed: ${error.message}`);
    else this.#logger.error({ err: error }, 'Access could not be renewed');
  }
}
