import { type ExtensionPoint, extensionPoint } from './extension-points.ts';
import type { Awaitable, HookName } from './hook-points.ts';

/** One target of a hook that is asked or told outside of this process, as an operator looks at it. */
export interface HookTargetState {
  /** A hook point, or another event that the plugin tells, for example `keepalive`. */
  readonly hook: HookName | (string & {});
  /** Without what may be secret: user, password, and values of the query. */
  readonly url: string;
  /** `open` = the target has failed too often and is not asked for a while; `half-open` = one question tries it again. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Questions and notifications since the start, retries not counted. */
  readonly asked: number;
  /** Those that got no usable answer. */
  readonly failed: number;
  /** Of the last answer, milliseconds; undefined before the first. */
  readonly latencyMs: number | undefined;
  /** Notifications that wait to be sent. */
  readonly queueLength: number;
  /** Notifications that found the queue full. */
  readonly dropped: number;
  /** Notifications that were given up, and are kept for a replay. */
  readonly deadLetters: number;
  /** In words, of the last failure; undefined when there was none. */
  readonly lastError?: string | undefined;
}

/** A notification that was given up. */
export interface DeadLetter {
  readonly id: string;
  readonly hook: HookTargetState['hook'];
  /** As in {@link HookTargetState}. */
  readonly url: string;
  /** Wall clock, milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  /** In words. */
  readonly reason: string;
}

/** The targets of one plugin. */
export interface HookTargets {
  list(): readonly HookTargetState[];
  /** The oldest first. */
  deadLetters(): readonly DeadLetter[];
  /**
   * Queues dead letters again, without waiting for their delivery.
   * @param id of one of them; all of them when absent
   * @returns how many
   */
  replay(id?: string): Awaitable<number>;
  /** Forgets answers that are kept. @returns how many */
  purgeCache(): Awaitable<number>;
}

/** Hook targets of plugins, for hosts that show them. */
export const hookTargets: ExtensionPoint<HookTargets> = extensionPoint('hook-targets');
