import type { Clock } from '../time/clock.ts';
import { type JsonObject, isJsonObject } from '../web-socket/json-object.ts';
import { type LogEntry, decodeLogEntry } from './log-entry.ts';
import { textOf } from './log-signalling.ts';

/** By then most channels are open, so that nothing is missed between the history and what comes live, milliseconds. */
const BEGIN_MS = 1_000;

/** Between two questions, milliseconds: a server takes so many messages a second only. */
const PAUSE_MS = 20;

/** A server that has not answered by then keeps no history, milliseconds. */
const ANSWER_MS = 30_000;

/** Entries that came live and are looked for in the history, and systems that are asked for. */
const MAX_HEARD = 50_000;
const MAX_SYSTEMS = 500;

/** An entry with the producer that wrote it. */
export interface LogHistoryEntry {
  readonly producer: { readonly id: string; readonly systemName: string };
  readonly entry: LogEntry;
}

/** What {@link LogHistory} takes. */
export interface LogHistoryOptions {
  readonly clock: Clock;
  /** Newest entries of each system that are wanted. */
  readonly last: number;
  readonly send: (message: JsonObject) => boolean;
  /** Runs once, with everything in the order in which the server got it. */
  readonly deliver: (entries: readonly LogHistoryEntry[]) => void;
}

/** A row of a page, with its place among all. */
interface Row extends LogHistoryEntry {
  readonly seq: number;
}

/** Asks a server that keeps a history for what was logged before this consumer came. */
export class LogHistory {
  readonly #options: LogHistoryOptions;
  /** How often each entry came live, until the history is there: it has those too. */
  readonly #heard = new Map<string, number>();
  #heardCount = 0;
  #rows: Row[] = [];
  /** Systems that are still to be asked for; the first one is being read. */
  #systems: string[] = [];
  #readOfSystem = 0;
  #isDone = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: LogHistoryOptions) {
    this.#options = options;
    this.#isDone = options.last <= 0;
  }

  /** The server knows this consumer. A history that was cut off is read anew. */
  begin(): void {
    if (this.#isDone) return;
    this.#rows = [];
    this.#systems = [];
    this.#askLater(BEGIN_MS, { type: 'history_request' });
  }

  /** The connection is lost: no answer comes before the next {@link begin}. */
  interrupt(): void {
    this.#cancelTimer();
  }

  /** Entries that came from a producer itself. */
  hear(producerId: string, entries: readonly LogEntry[]): void {
    if (this.#isDone) return;
    for (const entry of entries.slice(0, MAX_HEARD - this.#heardCount)) {
      const key = keyOf(producerId, entry);
      this.#heard.set(key, (this.#heard.get(key) ?? 0) + 1);
      this.#heardCount += 1;
    }
  }

  receive(message: JsonObject): void {
    if (this.#isDone) return;
    if (message['type'] === 'history_systems') this.#list(message['systems']);
    else if (message['type'] === 'history' && message['system_name'] === this.#systems[0]) this.#read(message);
  }

  close(): void {
    this.#isDone = true;
    this.#cancelTimer();
    this.#rows = [];
    this.#heard.clear();
  }

  #list(systems: unknown): void {
    const list = Array.isArray(systems) ? systems.filter(isJsonObject) : [];
    this.#systems = list.flatMap((system) => textOf(system, 'system_name') ?? []).slice(0, MAX_SYSTEMS);
    this.#begin();
  }

  #begin(): void {
    const [systemName] = this.#systems;
    this.#readOfSystem = 0;
    if (systemName === undefined) return this.#finish();
    this.#askLater(PAUSE_MS, { type: 'history_request', system_name: systemName, last: this.#options.last });
  }

  #read({ entries, next, more }: JsonObject): void {
    const systemName = this.#systems[0] ?? '';
    const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
    this.#rows.push(...list.map((row) => decodeRow(row, systemName)).filter((row) => row !== undefined));
    this.#readOfSystem += list.length;
    // A system that writes all the time has always more.
    const isOver = more !== true || list.length === 0 || this.#readOfSystem >= this.#options.last;
    if (!isOver) return this.#askLater(PAUSE_MS, { type: 'history_request', system_name: systemName, after: next });
    this.#systems.shift();
    this.#begin();
  }

  #finish(): void {
    const fresh = this.#rows.toSorted((one, other) => one.seq - other.seq).filter(({ producer, entry }) => !this.#wasHeard(producer.id, entry));
    this.close();
    if (fresh.length > 0) this.#options.deliver(fresh.map(({ producer, entry }) => ({ producer, entry })));
  }

  /** Each one that came live stands for one in the history. */
  #wasHeard(producerId: string, entry: LogEntry): boolean {
    const key = keyOf(producerId, entry);
    const count = this.#heard.get(key) ?? 0;
    if (count > 0) this.#heard.set(key, count - 1);
    return count > 0;
  }

  #askLater(delayMs: number, message: JsonObject): void {
    this.#cancelTimer();
    const { clock, send } = this.#options;
    this.#cancelTimer = clock.setTimeout(() => {
      this.#cancelTimer = clock.setTimeout(() => this.close(), ANSWER_MS);
      send(message);
    }, delayMs);
  }
}

function decodeRow(value: unknown, systemName: string): Row | undefined {
  if (!isJsonObject(value)) return undefined;
  const { seq } = value;
  const [id, entry] = [textOf(value, 'producer_id'), decodeLogEntry(value['entry'])];
  return id !== undefined && entry && typeof seq === 'number' ? { seq, producer: { id, systemName }, entry } : undefined;
}

function keyOf(producerId: string, entry: LogEntry): string {
  return JSON.stringify([producerId, entry]);
}
