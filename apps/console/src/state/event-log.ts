import { type ReadonlySignal, signal } from '@preact/signals';
import type { AdminRequest } from '../api/admin-request.ts';
import { isDenied } from '../api/request-error.ts';
import { type ServerEvent, serverEventOf } from '../api/server-events.ts';
import { type SseParser, createSseParser } from '../api/sse-parser.ts';

/** An event as the log keeps it. */
export type LogEntry = ServerEvent & { readonly key: number };

/** Whether the log hears the server. */
export type LogState = 'stopped' | 'connecting' | 'listening' | 'waiting';

/** What happens on the server, as it happens. */
export interface EventLog {
  readonly state: ReadonlySignal<LogState>;
  /** The newest first. */
  readonly entries: ReadonlySignal<readonly LogEntry[]>;
  /** How many have come during the pause. */
  readonly held: ReadonlySignal<number>;
  readonly paused: ReadonlySignal<boolean>;
  /** Begins to listen where it stopped; from now on at the first time. */
  start(): void;
  stop(): void;
  /** Lets the list stand still, or shows what has come since. */
  pause(isPaused: boolean): void;
  clear(): void;
}

const PATH = 'api/v1/events';
const MAX_ENTRIES = 1_000;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
/** The server says something every 15 seconds by default; a connection that is silent for so long is dead. */
const SILENCE_MS = 60_000;

/** A log that does not listen yet. */
export function createEventLog(request: AdminRequest): EventLog {
  const state = signal<LogState>('stopped');
  const entries = signal<readonly LogEntry[]>([]);
  const waiting = signal<readonly LogEntry[]>([]);
  const held = signal(0);
  const paused = signal(false);
  let lastEventId = '';
  let nextKey = 1;
  let failures = 0;
  let firstDelayMs = FIRST_DELAY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let connection: AbortController | undefined;

  function add(events: readonly ServerEvent[]): void {
    if (events.length === 0) return;
    const added = events.map((event): LogEntry => ({ ...event, key: (nextKey += 1) })).toReversed();
    const list = paused.value ? waiting : entries;
    list.value = [...added, ...list.value].slice(0, MAX_ENTRIES);
    if (paused.value) held.value += added.length;
  }

  /** Ends when the connection does; its caller knows why. */
  async function listen(own: AbortController): Promise<void> {
    const headers: Record<string, string> = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId };
    let silence = setTimeout(() => own.abort(), SILENCE_MS);
    try {
      const response = await request(PATH, { headers, signal: own.signal });
      if (own !== connection) return;
      state.value = 'listening';
      const parser = createSseParser(lastEventId);
      for await (const text of textOf(response)) {
        clearTimeout(silence);
        if (own !== connection) return;
        silence = setTimeout(() => own.abort(), SILENCE_MS);
        take(parser, text);
      }
    } finally {
      clearTimeout(silence);
      own.abort();
    }
  }

  function take(parser: SseParser, text: string): void {
    failures = 0;
    const events = parser.push(text).map(serverEventOf);
    lastEventId = parser.lastEventId;
    firstDelayMs = parser.retryMs ?? firstDelayMs;
    add(events.filter((event) => event !== undefined));
  }

  async function connect(): Promise<void> {
    const own = new AbortController();
    connection = own;
    state.value = 'connecting';
    const error: unknown = await listen(own).catch((cause: unknown) => cause);
    if (own !== connection) return;
    if (isDenied(error)) return stop();
    state.value = 'waiting';
    timer = setTimeout(() => void connect(), Math.min(firstDelayMs * 2 ** failures, MAX_DELAY_MS));
    failures += 1;
  }

  function stop(): void {
    clearTimeout(timer);
    connection?.abort();
    connection = undefined;
    failures = 0;
    state.value = 'stopped';
  }

  return {
    state,
    entries,
    held,
    paused,
    start() {
      stop();
      void connect();
    },
    stop,
    pause(isPaused) {
      paused.value = isPaused;
      if (isPaused) return;
      entries.value = [...waiting.value, ...entries.value].slice(0, MAX_ENTRIES);
      waiting.value = [];
      held.value = 0;
    },
    clear() {
      entries.value = [];
      waiting.value = [];
      held.value = 0;
    },
  };
}

/** By a reader, because not every browser lets a stream be iterated. */
async function* textOf({ body }: Response): AsyncGenerator<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return;
    yield decoder.decode(chunk.value, { stream: true });
  }
}
