import type { Undo } from './clock.ts';
import { abortError, withDeadline } from './deadline.ts';
import { MediaError } from './errors.ts';
import { blame } from './failures.ts';
import { type Grant, applyVerdict, unboundedGrant } from './grant.ts';
import {
  type Hook,
  type HookHandler,
  type HookName,
  type HookNameOf,
  type HookOrder,
  type HookPoints,
  HOOK_NAMES,
  HOOK_ORDERS,
} from './hook-points.ts';
import { type HookOutcome, type HookStats, HookStatistics, outcomeOf } from './hook-statistics.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { TraceContext } from './tracing.ts';

/** Owner of the hooks that the host registers itself. */
export const HOST = 'host';

/** The first answer at a hook point, and who gave it. */
export interface FirstAnswer<N extends HookName> {
  readonly owner: string;
  readonly answer: NonNullable<HookPoints[N]['output']>;
}

interface OrderedHook<N extends HookName> {
  readonly order: HookOrder;
  readonly handler: HookHandler<N>;
  readonly deadlineMs?: number | undefined;
}

interface Entry<N extends HookName> extends OrderedHook<N> {
  readonly owner: string;
  pending: number;
}

/** The hooks of one point in calling order. The array is replaced, never changed: a call under way keeps its own. */
interface HookList<N extends HookName> {
  entries: readonly Entry<N>[];
}

/** The hooks of one manager: who is asked at a hook point, in which order, and how answers become one. */
export class HookBus {
  readonly #settings: ManagerSettings;
  readonly #lists: { readonly [N in HookName]: HookList<N> } = {
    publish: { entries: [] },
    play: { entries: [] },
    'stream-not-found': { entries: [] },
    'none-reader': { entries: [] },
    'stream-changed': { entries: [] },
    'session-opened': { entries: [] },
    'session-state': { entries: [] },
    'session-closed': { entries: [] },
    'server-started': { entries: [] },
    'server-exited': { entries: [] },
    input: { entries: [] },
  };
  readonly #notifying = new Set<Promise<void>>();
  readonly #statistics = new HookStatistics();
  #dropped = 0;

  constructor(settings: ManagerSettings) {
    this.#settings = settings;
  }

  /** Notifications that were dropped because their handler was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What each owner's hooks did at each point. */
  get statistics(): readonly HookStats[] {
    return this.#statistics.list();
  }

  has(point: HookName): boolean {
    return this.#lists[point].entries.length > 0;
  }

  /** Points at which a plugin has a hook. */
  pointsOf(owner: string): readonly HookName[] {
    return HOOK_NAMES.filter((point) => this.#lists[point].entries.some((entry) => entry.owner === owner));
  }

  /** @throws MediaError PLUGIN_INVALID when there is no such point, or no handler */
  add<N extends HookName>(owner: string, point: N, hook: Hook<N>): Undo {
    const entry: Entry<N> = { owner, pending: 0, ...checkedHook(owner, point, hook) };
    // The sort is stable: within one order the hooks stay as registered.
    const list = this.#lists[point];
    list.entries = [...list.entries, entry].toSorted((a, b) => rankOf(a.order) - rankOf(b.order));
    return () => {
      list.entries = list.entries.filter((other) => other !== entry);
    };
  }

  /**
   * Asks every hook of an access point; the first refusal ends it.
   * A hook sees the stream name that those before it chose, so no rename gets past a later check; and one of the orders
   * `address` and `credentials` is asked again about a name that was chosen after it.
   * @throws MediaError FORBIDDEN, UNAUTHORISED, HOOK_FAILED, HOOK_TIMEOUT, REQUEST_ABORTED
   */
  async veto<N extends HookNameOf<'veto'>>(point: N, asked: HookPoints[N]['input'], signal: AbortSignal): Promise<Grant> {
    let grant = unboundedGrant(asked);
    const { entries } = this.#lists[point];
    for (const [index, entry] of entries.entries()) {
      const { stream } = grant.request;
      const verdict = await this.#ask(point, entry, grant.request, signal);
      if (verdict === undefined || verdict === null) continue;
      grant = applyVerdict(grant, verdict, point, entry.owner);
      if (grant.request.stream !== stream) grant = await this.#checkRenamed(point, entries.slice(0, index), grant, signal);
    }
    return grant;
  }

  /** Whose rules are those of a stream's name has judged another one. They are code that only looks, so asking twice does no harm. */
  async #checkRenamed<N extends HookNameOf<'veto'>>(point: N, earlier: readonly Entry<N>[], renamed: Grant, signal: AbortSignal): Promise<Grant> {
    let grant = renamed;
    for (const entry of earlier.filter(({ order }) => order === 'address' || order === 'credentials')) {
      const verdict = await this.#ask(point, entry, renamed.request, signal);
      if (verdict === undefined || verdict === null) continue;
      grant = applyVerdict(grant, verdict.allow ? { ...verdict, stream: undefined } : verdict, point, entry.owner);
    }
    return grant;
  }

  /**
   * Asks one hook after the other until one answers.
   * @throws MediaError HOOK_FAILED, HOOK_TIMEOUT, REQUEST_ABORTED
   */
  async first<N extends HookNameOf<'first'>>(
    point: N,
    input: HookPoints[N]['input'],
    signal: AbortSignal,
  ): Promise<FirstAnswer<N> | undefined> {
    for (const entry of this.#lists[point].entries) {
      const answer = await this.#ask(point, entry, input, signal);
      if (answer) return { owner: entry.owner, answer };
    }
    return undefined;
  }

  /** Tells every hook of the point, later and without waiting; what a handler throws is logged. */
  notify<N extends HookNameOf<'notify'>>(point: N, input: HookPoints[N]['input']): void {
    for (const entry of this.#lists[point].entries) {
      const told = this.#tell(point, entry, input).finally(() => this.#notifying.delete(told));
      this.#notifying.add(told);
    }
  }

  /** Resolves when the notifications that are under way have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#notifying);
  }

  async #tell<N extends HookNameOf<'notify'>>(point: N, entry: Entry<N>, input: HookPoints[N]['input']): Promise<void> {
    // The notifier goes on first: foreign code never runs inside what it is told about.
    await Promise.resolve();
    if (entry.pending >= this.#settings.limits.maxPendingNotifications) {
      this.#dropped += 1;
      this.#settings.logger.warn({ plugin: entry.owner, point, dropped: this.#dropped }, 'Notification dropped, its hook is too slow');
      return;
    }
    let isPending = false;
    const handler: HookHandler<N> = (told, signal) => {
      const result = entry.handler(told, signal);
      // One that has finished at once is in nobody's way, however many things happen at the same moment.
      if (result instanceof Promise) {
        isPending = true;
        entry.pending += 1;
      }
      return result;
    };
    try {
      await this.#call(point, { ...entry, handler }, input);
    } catch (error) {
      this.#settings.logger.error({ plugin: entry.owner, point, err: error }, 'Notification hook failed');
    } finally {
      if (isPending) entry.pending -= 1;
    }
  }

  /** One call, as a part of the trace that the request belongs to. */
  async #ask<N extends HookName>(
    point: N,
    entry: Entry<N>,
    input: HookPoints[N]['input'],
    signal: AbortSignal,
  ): Promise<HookPoints[N]['output'] | undefined | void> {
    const parent = traceOf(input);
    const attributes = { 'sluice.hook': point, 'sluice.plugin': entry.owner };
    const span = this.#settings.tracer.startSpan(`hook ${point}`, { parent, attributes });
    try {
      const answer = await this.#call(point, entry, span.context === parent ? input : { ...input, trace: span.context }, signal);
      span.set({ 'sluice.outcome': outcomeOf(answer) });
      span.end();
      return answer;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  async #call<N extends HookName>(
    point: N,
    entry: Entry<N>,
    input: HookPoints[N]['input'],
    signal?: AbortSignal,
  ): Promise<HookPoints[N]['output'] | undefined | void> {
    const { clock, timeouts } = this.#settings;
    const startedAt = clock.monotonic();
    const record = (outcome: HookOutcome): void => this.#statistics.record(point, entry.owner, outcome, clock.monotonic() - startedAt);
    const ms = entry.deadlineMs ?? timeouts.hookMs;
    const expired = (): MediaError =>
      new MediaError('HOOK_TIMEOUT', `The ${point} hook of ${entry.owner} did not answer within ${ms} ms.`, { plugin: entry.owner });
    try {
      const answer = await withDeadline(clock, { ms, expired, signal }, (own) => entry.handler(input, own));
      record(outcomeOf(answer));
      return answer;
    } catch (error) {
      const isAborted = signal?.aborted === true;
      const failure = isAborted ? abortError(signal) : blame(error, entry.owner, 'HOOK_FAILED', `The ${point} hook of ${entry.owner} failed.`);
      record(isAborted ? 'aborted' : failureOutcome(failure));
      throw failure;
    }
  }
}

function failureOutcome({ code, status }: MediaError): HookOutcome {
  if (code === 'HOOK_TIMEOUT') return 'timeout';
  // A hook may also refuse by throwing what is to be said.
  return status === 401 || status === 403 ? 'denied' : 'failed';
}

function traceOf(input: HookPoints[HookName]['input']): TraceContext | undefined {
  return 'trace' in input ? input.trace : undefined;
}

/**
 * A hook in its long form.
 * @throws MediaError PLUGIN_INVALID when there is no such point, or no handler
 */
export function checkedHook<N extends HookName>(owner: string, point: N, hook: Hook<N>): OrderedHook<N> {
  const { order, handler, deadlineMs }: OrderedHook<N> = typeof hook === 'function' ? { order: 'normal', handler: hook } : hook;
  if (!HOOK_NAMES.includes(point)) {
    const message = `There is no hook point '${point}'; ${owner} may use ${HOOK_NAMES.join(', ')}.`;
    throw new MediaError('PLUGIN_INVALID', message, { plugin: owner });
  }
  if (typeof handler !== 'function' || !HOOK_ORDERS.includes(order)) {
    const form = `a function or { order: ${HOOK_ORDERS.map((name) => `'${name}'`).join(' | ')}, handler }`;
    throw new MediaError('PLUGIN_INVALID', `The ${point} hook of ${owner} must be ${form}.`, { plugin: owner });
  }
  if (deadlineMs !== undefined && !(deadlineMs > 0)) {
    throw new MediaError('PLUGIN_INVALID', `The deadlineMs of the ${point} hook of ${owner} must be a number of milliseconds above 0.`, { plugin: owner });
  }
  return { order, handler, deadlineMs };
}

function rankOf(order: HookOrder): number {
  return HOOK_ORDERS.indexOf(order);
}
