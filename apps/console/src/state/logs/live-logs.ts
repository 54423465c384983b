import { LOG_LEVELS, LogConsumer, type LogHistoryEntry, type LogLevel, type LogProducerInfo, type LogSignallingState, type ReceivedLogEntries } from '@sluice/client';
import { type ReadonlySignal, batch, computed, effect, signal } from '@preact/signals';
import { LogList } from './log-list.ts';
import { compileQuery } from './log-query.ts';
import { type LogRow, logRowOf } from './log-row.ts';
import { type ListItem, groupByTrace } from './trace-groups.ts';

/** Rows that the page keeps; the oldest give way. */
const MAX_ROWS = 50_000;
const MAX_WEIGHT = 64_000_000;

/** Rows of each system from before the page came, where the server keeps a history. */
const HISTORY_ROWS = 1_000;

/** A page that nobody sees is not drawn, but what comes is still taken, so often, milliseconds. */
const HIDDEN_MS = 500;

/** Putting traces together costs more than adding rows, milliseconds. */
const GROUP_MS = 250;

/** Whether the page is connected. `denied` = the server wants a token. */
export type LogsState = LogSignallingState | 'stopped' | 'denied';

/** Lines as the list shows them; it makes only those that are in sight. */
export interface ListLines {
  readonly size: number;
  at(index: number): ListItem | undefined;
  /** How many lines have left the front of the list. */
  readonly gone: number;
}

/** A system whose logs are shown. */
export interface LogSystem {
  readonly name: string;
  readonly state: LogProducerInfo['state'];
  readonly received: number;
  readonly perSecond: number;
}

/** The logs of all systems, as they come. */
export interface LiveLogs {
  readonly state: ReadonlySignal<LogsState>;
  readonly systems: ReadonlySignal<readonly LogSystem[]>;
  readonly lines: ReadonlySignal<ListLines>;
  /** Rows that are kept, those that fit, those that gave way, and those that have come during a pause. */
  readonly counts: ReadonlySignal<{ readonly kept: number; readonly fitting: number; readonly evicted: number; readonly held: number; readonly received: number }>;
  readonly levels: ReadonlySignal<ReadonlySet<LogLevel>>;
  readonly hidden: ReadonlySignal<ReadonlySet<string>>;
  readonly text: ReadonlySignal<string>;
  readonly grouped: ReadonlySignal<boolean>;
  readonly paused: ReadonlySignal<boolean>;
  start(): void;
  /** Begins anew with a token. */
  authorise(token: string): void;
  toggleLevel(level: LogLevel): void;
  toggleSystem(name: string): void;
  search(text: string): void;
  group(isGrouped: boolean): void;
  toggleTrace(traceId: string): void;
  /** Lets the list stand still, or shows what has come since. */
  pause(isPaused: boolean): void;
  clear(): void;
  /** All rows that fit, as NDJSON. */
  export(): string;
}

const NOTHING: ListLines = { size: 0, at: () => undefined, gone: 0 };

/** Logs that do not come yet. */
export function createLiveLogs(page: string): LiveLogs {
  const list = new LogList({ maxRows: MAX_ROWS, maxWeight: MAX_WEIGHT });
  const state = signal<LogsState>('stopped');
  const producers = signal<readonly LogProducerInfo[]>([]);
  const lines = signal<ListLines>(NOTHING);
  const counts = signal({ kept: 0, fitting: 0, evicted: 0, held: 0, received: 0 });
  const levels = signal<ReadonlySet<LogLevel>>(new Set(LOG_LEVELS));
  const hidden = signal<ReadonlySet<string>>(new Set());
  const openTraces = signal<ReadonlySet<string>>(new Set());
  const text = signal('');
  const grouped = signal(false);
  const paused = signal(false);
  const systems = computed(() => systemsOf(producers.value));
  let consumer: LogConsumer | undefined;
  let pending: LogRow[] = [];
  let received = 0;
  let held = 0;
  let isScheduled = false;
  let groupTimer: ReturnType<typeof setTimeout> | undefined;

  function take({ producer, entries }: ReceivedLogEntries): void {
    for (const entry of entries) pending.push(logRowOf((received += 1), producer, entry));
    schedule();
  }

  /** Those that have come before it. */
  function takeHistory(entries: readonly LogHistoryEntry[]): void {
    list.prepend(entries.map(({ producer, entry }) => logRowOf((received += 1), producer, entry)));
    show();
  }

  /** Once per frame, however many have come. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    if (document.hidden) setTimeout(draw, HIDDEN_MS);
    else requestAnimationFrame(draw);
  }

  function draw(): void {
    isScheduled = false;
    const rows = pending;
    pending = [];
    if (paused.peek()) held += rows.length;
    list.push(rows);
    show();
  }

  function count(): void {
    counts.value = { kept: list.size, fitting: list.fitting.size, evicted: list.evicted, held, received };
  }

  function show(): void {
    count();
    if (paused.peek()) return;
    if (!grouped.peek()) lines.value = linesOf(list);
    else groupTimer ??= setTimeout(showGroups, GROUP_MS);
  }

  function showGroups(): void {
    clearTimeout(groupTimer);
    groupTimer = undefined;
    if (paused.peek() || !grouped.peek()) return;
    const items = groupByTrace(list.fitting.slice(), openTraces.peek());
    lines.value = { size: items.length, at: (index) => items[index], gone: 0 };
  }

  /** What was asked has changed; that is shown also during a pause. */
  function showAnew(): void {
    list.filter(compileQuery({ levels: levels.peek(), hidden: hidden.peek(), text: text.peek() }));
    count();
    const items = grouped.peek() ? groupByTrace(list.fitting.slice(), openTraces.peek()) : undefined;
    lines.value = items ? { size: items.length, at: (index) => items[index], gone: 0 } : linesOf(list);
  }

  effect(() => {
    // These are what it depends on.
    void [levels.value, hidden.value, text.value, grouped.value, openTraces.value];
    showAnew();
  });

  function start(token?: string): void {
    consumer?.close();
    const own = new LogConsumer({ url: new URL('signaling', page), clientId: `console-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`, token, metadata: { system_name: 'Sluice console' }, history: HISTORY_ROWS, reconnect: { minMs: 500, maxMs: 5_000 } });
    consumer = own;
    state.value = 'connecting';
    own.on('state', (now) => {
      if (state.peek() !== 'denied') state.value = now;
    });
    own.on('error', ({ code }) => {
      if (code === 'token_incorrect') state.value = 'denied';
    });
    own.on('entries', take);
    own.on('history', takeHistory);
    own.on('producers', (now) => {
      producers.value = now;
    });
  }

  // Rates change without an event.
  setInterval(() => {
    if (consumer && !document.hidden) producers.value = consumer.producers;
  }, 1_000);
  window.addEventListener('online', () => consumer?.connectNow());
  window.addEventListener('pagehide', () => consumer?.close());

  return {
    state,
    systems,
    lines,
    counts,
    levels,
    hidden,
    text,
    grouped,
    paused,
    start: () => consumer ?? start(),
    authorise: (token) => start(token),
    toggleLevel(level) {
      levels.value = toggled(levels.peek(), level);
    },
    toggleSystem(name) {
      hidden.value = toggled(hidden.peek(), name);
    },
    search(wanted) {
      text.value = wanted;
    },
    group(isGrouped) {
      grouped.value = isGrouped;
    },
    toggleTrace(traceId) {
      openTraces.value = toggled(openTraces.peek(), traceId);
    },
    pause(isPaused) {
      batch(() => {
        paused.value = isPaused;
        held = 0;
        if (!isPaused) show();
        // What gives way meanwhile stays in sight.
        else if (!grouped.peek()) lines.value = { ...linesOf(list), at: lookup(list.fitting.slice()) };
      });
    },
    clear() {
      list.clear();
      held = 0;
      showAnew();
    },
    export: () => list.fitting.slice().map(({ entry, system }) => `${JSON.stringify({ system, ...entry })}\n`).join(''),
  };
}

/** A view of the list as it is now: it grows further, but this one keeps its size. */
function linesOf(list: LogList): ListLines {
  const { fitting, evictedFitting } = list;
  const { size } = fitting;
  // Rows that have left the front since are counted from where they were.
  return { size, gone: evictedFitting, at: (index) => itemOf(fitting.at(index - (list.evictedFitting - evictedFitting))) };
}

function lookup(rows: readonly LogRow[]): ListLines['at'] {
  return (index) => itemOf(rows[index]);
}

function itemOf(row: LogRow | undefined): ListItem | undefined {
  return row && { type: 'row', row, depth: 0 };
}

function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const changed = new Set(set);
  if (!changed.delete(member)) changed.add(member);
  return changed;
}

/** Several producers may be of one system. */
function systemsOf(producers: readonly LogProducerInfo[]): readonly LogSystem[] {
  const systems = new Map<string, LogSystem>();
  for (const { systemName: name, state, received, receivedPerSecond } of producers) {
    const known = systems.get(name) ?? { name, state: 'away', received: 0, perSecond: 0 };
    const isBetter = known.state === 'away' || state === 'live';
    systems.set(name, { name, state: isBetter ? state : known.state, received: known.received + received, perSecond: known.perSecond + receivedPerSecond });
  }
  return [...systems.values()].toSorted((one, other) => one.name.localeCompare(other.name));
}
