import { type Clock, type JsonMessage, type Logger, type RtcEngine, isPrintable } from '@sluice/core';
import { Refusal } from '../refusal.ts';
import type { Party } from '../room.ts';
import { Archive } from './archive.ts';
import type { KeptEntry } from './entry-ring.ts';
import type { HistorySettings } from './history-options.ts';
import { Recorder } from './recorder.ts';

/** Bounds of {@link History}. */
export interface HistoryLimits extends Omit<HistorySettings, 'enabled'> {
  /** Of an answer to a consumer. */
  readonly maxMessageBytes: number;
}

/** What {@link History} takes. */
export interface HistoryOptions {
  readonly limits: HistoryLimits;
  readonly engine: Pick<RtcEngine, 'createTransport'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a consumer has asked for, checked. */
interface PageRequest {
  readonly systemName: string;
  readonly after: number;
  readonly last: number | undefined;
}

/** Room for what is around the entries of a page. */
const ENVELOPE_BYTES = 1_024;

/** Keeps the last entries of each system, and gives them to consumers that come later. */
export class History {
  readonly archive: Archive;
  readonly recorder: Recorder;
  #pageBytes: number;

  constructor(options: HistoryOptions) {
    const { limits, clock } = options;
    this.archive = new Archive(limits, clock.now());
    this.recorder = new Recorder({ ...options, archive: this.archive });
    this.#pageBytes = limits.maxMessageBytes - ENVELOPE_BYTES;
  }

  /** Keeps what is there as far as it fits. Producers that are recorded keep the bounds that they came with. */
  configure(limits: HistoryLimits): void {
    this.archive.configure(limits);
    this.recorder.configure(limits);
    this.#pageBytes = limits.maxMessageBytes - ENVELOPE_BYTES;
  }

  /** Answers `history_request`: with a page of a system's entries, or with the systems when none is named. */
  answer({ room }: Party, message: JsonMessage): string | Refusal {
    if (message['system_name'] === undefined) return this.#systemList(room);
    const request = readRequest(message);
    return request instanceof Refusal ? request : this.#page(room, request);
  }

  close(): Promise<void> {
    return this.recorder.close();
  }

  #systemList(room: string): string {
    const systems = this.archive.systems(room).map(({ systemName, ...known }) => ({ system_name: systemName, ...known }));
    return JSON.stringify({ type: 'history_systems', systems });
  }

  #page(room: string, { systemName, after, last }: PageRequest): string {
    const entries = this.archive.list({ room, systemName }, { after, last });
    const texts = fitting(entries, this.#pageBytes);
    const next = entries[texts.length - 1]?.seq ?? after;
    const head = JSON.stringify({ type: 'history', system_name: systemName, next, more: texts.length < entries.length });
    return `${head.slice(0, -1)},"entries":[${texts.join(',')}]}`;
  }
}

function readRequest({ system_name: systemName, after = 0, last }: JsonMessage): PageRequest | Refusal {
  if (!isPrintable(systemName)) return new Refusal('bad_history_request', 'system_name must be the name of a system; leave it out for a list of them.');
  if (!isCount(after)) return new Refusal('bad_history_request', 'after must be the "next" of the page before, a whole number.');
  if (last !== undefined && !isCount(last)) return new Refusal('bad_history_request', 'last must be a whole number: how many of the newest entries are wanted.');
  return { systemName, after, last };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** As many from the first on as fit. */
function fitting(entries: readonly KeptEntry[], maxBytes: number): readonly string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const { seq, producerId, text } of entries) {
    const row = `{"seq":${seq},"producer_id":${JSON.stringify(producerId)},"entry":${text}}`;
    bytes += Buffer.byteLength(row) + 1;
    if (bytes > maxBytes) break;
    texts.push(row);
  }
  return texts;
}
