import type { Clock, Undo } from '@sluice/core';
import type { FlightRecord } from './handshake/handshake.ts';
import type { RecordWriter } from './record-writer.ts';

/** Datagrams that pass every path that WebRTC works on; no message of ours is longer. */
const MAX_DATAGRAM_BYTES = 1200;
const FIRST_TIMEOUT_MS = 150;
/** Twice as long each time up to here, until the handshake's deadline (RFC 6347 section 4.2.4.1). */
const LONGEST_TIMEOUT_MS = 3000;

/** What {@link FlightSender} takes. */
export interface FlightSenderOptions {
  readonly clock: Clock;
  readonly writer: RecordWriter;
  send(datagram: Buffer): void;
}

/** Sends our flights in as few datagrams as they fit in, and again while no answer comes. */
export class FlightSender {
  readonly #options: FlightSenderOptions;
  #flight: readonly FlightRecord[] = [];
  #cancelTimer: Undo | undefined;

  constructor(options: FlightSenderOptions) {
    this.#options = options;
  }

  /** Sends the next flight; the one before has been answered. */
  send(flight: readonly FlightRecord[]): void {
    this.#flight = flight;
    this.resend();
    this.#arm(FIRST_TIMEOUT_MS);
  }

  /** Sends the last flight once more, in new records. */
  resend(): void {
    let records: Buffer[] = [];
    let bytes = 0;
    for (const { contentType, epoch, content } of this.#flight) {
      const record = this.#options.writer.write(contentType, epoch, content);
      if (!record) continue;
      if (bytes + record.length > MAX_DATAGRAM_BYTES && bytes > 0) {
        this.#options.send(Buffer.concat(records));
        records = [];
        bytes = 0;
      }
      records.push(record);
      bytes += record.length;
    }
    if (bytes > 0) this.#options.send(Buffer.concat(records));
  }

  /** The flight waits for no answer, or has it. {@link resend} goes on to work. */
  settle(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.settle();
    this.#flight = [];
  }

  #arm(timeoutMs: number): void {
    this.settle();
    this.#cancelTimer = this.#options.clock.setTimeout(() => {
      this.resend();
      this.#arm(Math.min(2 * timeoutMs, LONGEST_TIMEOUT_MS));
    }, timeoutMs);
  }
}
