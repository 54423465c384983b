import { type Clock, type DataMessage, MediaError, type RtcDataChannel, type RtcTransport } from '@sluice/core';
import { Budget } from '../budget.ts';
import { type LogMessage, decodeLogMessage } from './log-message.ts';

/** Candidates of the producer that are kept until the answer is made. */
const MAX_EARLY_CANDIDATES = 32;

/** Bounds of one {@link Recording}. */
export interface RecordingLimits {
  /** Of one entry, as JSON. */
  readonly maxEntryBytes: number;
  /** Of one message, unpacked. */
  readonly maxBatchBytes: number;
  /** Of all messages, unpacked. */
  readonly maxBytesPerSecond: number;
}

/** What {@link Recording} takes. */
export interface RecordingOptions extends RecordingLimits {
  readonly transport: RtcTransport;
  readonly clock: Clock;
  /** What the producer calls this connection; undefined when it has no name. */
  readonly connection: string | undefined;
  readonly counters: RecordingCounters;
  readonly entries: (texts: readonly string[]) => void;
  /** Runs once. */
  readonly closed: (reason: string | undefined) => void;
}

/** What became of that which producers sent to the history. */
export class RecordingCounters {
  received = 0;
  /** `malformed` = no entry, `oversized` = over maxEntryBytes, `rate` = a message over maxBytesPerSecond. */
  readonly dropped = { malformed: 0, oversized: 0, rate: 0 };
}

/** The peer connection to one producer, whose channel `logs` is written down. */
export class Recording {
  readonly connection: string | undefined;
  readonly #options: RecordingOptions;
  readonly #budget: Budget;
  #early: string[] | undefined = [];

  constructor(options: RecordingOptions) {
    const { transport, clock, maxBytesPerSecond, closed } = options;
    this.#options = options;
    this.connection = options.connection;
    this.#budget = new Budget(maxBytesPerSecond, clock.monotonic());
    transport.onDataChannel((channel) => this.#listen(channel));
    transport.onState((state, reason) => {
      if (state === 'closed') closed(reason);
    });
  }

  /**
   * Only data is taken. Our candidates are all in the answer.
   * @throws MediaError OFFER_MALFORMED, OFFER_UNACCEPTABLE, ENGINE_CLOSED; it is closed then
   */
  async answer(offer: string): Promise<string> {
    const { transport } = this.#options;
    try {
      const answer = await transport.answer(offer, { data: true });
      this.#addEarly();
      return answer;
    } catch (error) {
      await transport.close('the offer cannot be answered');
      throw error;
    }
  }

  /** @throws MediaError CANDIDATE_MALFORMED */
  addCandidate(candidate: string): void {
    if (!this.#early) return this.#options.transport.addRemoteCandidate({ candidate });
    if (this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate);
  }

  close(reason: string): Promise<void> {
    return this.#options.transport.close(reason);
  }

  /** One that is broken among them is no reason to refuse the offer. */
  #addEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const candidate of early) {
      try {
        this.#options.transport.addRemoteCandidate({ candidate });
      } catch (error) {
        if (!MediaError.is(error)) throw error;
      }
    }
  }

  #listen(channel: RtcDataChannel): void {
    if (channel.label === 'logs') channel.onMessage((message) => this.#receive(message));
    else channel.close();
  }

  #receive(message: DataMessage): void {
    const { clock, counters, maxBatchBytes } = this.#options;
    if (!this.#budget.hasSome(clock.monotonic())) {
      counters.dropped.rate += 1;
      return;
    }
    const decoded = decodeLogMessage(message, maxBatchBytes);
    this.#budget.spend(decoded.bytes);
    this.#take(decoded);
  }

  #take({ entries, invalid }: LogMessage): void {
    const { counters, maxEntryBytes, entries: write } = this.#options;
    const fitting = entries.filter((text) => Buffer.byteLength(text) <= maxEntryBytes);
    counters.received += fitting.length;
    counters.dropped.malformed += invalid;
    counters.dropped.oversized += entries.length - fitting.length;
    write(fitting);
  }
}
