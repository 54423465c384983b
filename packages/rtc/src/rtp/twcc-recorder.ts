import type { TransportCcFeedback } from './rtcp-packets.ts';
import { SequenceUnwrapper } from './sequence.ts';
import { DELTA_TICK_US, MAX_DELTA, MIN_DELTA, REFERENCE_TICKS, writeTransportCc } from './transport-cc.ts';

export interface TransportCcRecorderOptions {
  /** Arrivals kept between two feedbacks; more of them are dropped and counted. Default 2048. */
  readonly capacity?: number | undefined;
  /** How far behind the last reported packet a late one may be. Default 1000 packets. */
  readonly maxLateness?: number | undefined;
}

interface Arrival {
  /** Unwrapped transport-wide sequence number. */
  readonly sequence: number;
  /** In 250 µs. */
  readonly ticks: number;
}

/**
 * Received packets of one feedback. Each takes up to six bytes of chunks and delta, and the
 * largest runs of losses 16 more, so that a feedback stays under 1,000 bytes.
 */
const MAX_ARRIVALS_PER_FEEDBACK = 160;
const MAX_STATUSES_PER_FEEDBACK = 0xffff;
/** Between two feedbacks; a sender that jumps ahead with each packet must not make us list what it never sent. */
const MAX_REPORTED_LOSSES = 100_000;

/**
 * Notes when packets arrive and makes transport-wide congestion control feedback of it
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). There must be ONE per transport:
 * every m-line, RTX and padding share the sequence. Recording allocates nothing.
 */
export class TransportCcRecorder {
  readonly #capacity: number;
  readonly #maxLateness: number;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #sequences: Float64Array;
  readonly #ticks: Float64Array;
  #pending = 0;
  #dropped = 0;
  /** First sequence number that no feedback has covered. */
  #nextSequence: number | undefined;
  #feedbackCount = 0;

  constructor(options: TransportCcRecorderOptions = {}) {
    this.#capacity = options.capacity ?? 2048;
    this.#maxLateness = options.maxLateness ?? 1000;
    this.#sequences = new Float64Array(this.#capacity);
    this.#ticks = new Float64Array(this.#capacity);
  }

  /** Arrivals that wait for the next feedback. */
  get pending(): number {
    return this.#pending;
  }

  /** Arrivals that were not noted: too many between two feedbacks, or too late. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Notes one packet.
   * @param sequenceNumber 16 bits, of the header extension
   * @param arrivalMicroseconds of a monotonic clock
   */
  record(sequenceNumber: number, arrivalMicroseconds: number): void {
    const sequence = this.#unwrapper.unwrap(sequenceNumber);
    const tooLate = this.#nextSequence !== undefined && sequence < this.#nextSequence - this.#maxLateness;
    if (tooLate || this.#pending === this.#capacity) {
      this.#dropped++;
      return;
    }
    this.#sequences[this.#pending] = sequence;
    this.#ticks[this.#pending] = Math.round(arrivalMicroseconds / DELTA_TICK_US);
    this.#pending++;
  }

  /**
   * Feedback packets on everything noted since the last call, losses in between included.
   * Empty when nothing arrived. A packet that comes after its feedback is reported on its own; so is
   * one behind more losses than are reported.
   */
  buildFeedback(senderSsrc: number, mediaSsrc: number): Buffer[] {
    const drafts: FeedbackDraft[] = [];
    let lossesLeft = MAX_REPORTED_LOSSES;
    for (const arrival of this.#takeArrivals()) {
      const next = (this.#nextSequence ??= arrival.sequence);
      const losses = Math.max(0, arrival.sequence - next);
      // Packets between a late one and `next` were reported already; saying "lost" now would be wrong.
      const base = losses > lossesLeft ? arrival.sequence : Math.min(arrival.sequence, next);
      lossesLeft -= arrival.sequence - base;
      const draft = drafts.at(-1);
      if (!draft?.add(base, arrival)) drafts.push(new FeedbackDraft(base, arrival));
      this.#nextSequence = Math.max(next, arrival.sequence + 1);
    }
    return drafts.map((draft) => writeTransportCc(draft.finish(senderSsrc, mediaSsrc, this.#feedbackCount++)));
  }

  /** In order of sequence numbers, the first arrival of each. */
  #takeArrivals(): Arrival[] {
    const arrivals: Arrival[] = [];
    for (let index = 0; index < this.#pending; index++) {
      arrivals.push({ sequence: this.#sequences[index] ?? 0, ticks: this.#ticks[index] ?? 0 });
    }
    this.#pending = 0;
    arrivals.sort((a, b) => a.sequence - b.sequence);
    return arrivals.filter((arrival, index) => arrival.sequence !== arrivals[index - 1]?.sequence);
  }
}

/** One feedback packet while it is filled. */
class FeedbackDraft {
  readonly #base: number;
  readonly #referenceTime: number;
  readonly #arrivals: (number | undefined)[] = [];
  #received = 0;
  #previousTicks: number;

  constructor(base: number, first: Arrival) {
    this.#base = base;
    this.#referenceTime = Math.floor(first.ticks / REFERENCE_TICKS);
    this.#previousTicks = first.ticks;
    this.#append(first);
  }

  /** @returns false when `arrival`, with the losses from `base` on, belongs into a packet of its own */
  add(base: number, arrival: Arrival): boolean {
    const delta = arrival.ticks - this.#previousTicks;
    if (base !== this.#base + this.#arrivals.length) return false;
    if (delta < MIN_DELTA || delta > MAX_DELTA) return false;
    if (this.#received === MAX_ARRIVALS_PER_FEEDBACK) return false;
    if (arrival.sequence - this.#base >= MAX_STATUSES_PER_FEEDBACK) return false;
    this.#append(arrival);
    return true;
  }

  finish(senderSsrc: number, mediaSsrc: number, feedbackCount: number): Omit<TransportCcFeedback, 'type'> {
    return {
      senderSsrc,
      mediaSsrc,
      baseSequenceNumber: this.#base & 0xffff,
      referenceTime: this.#referenceTime,
      feedbackCount: feedbackCount & 0xff,
      arrivals: this.#arrivals,
    };
  }

  #append({ sequence, ticks }: Arrival): void {
    while (this.#base + this.#arrivals.length < sequence) this.#arrivals.push(undefined);
    this.#arrivals.push(ticks * DELTA_TICK_US);
    this.#received++;
    this.#previousTicks = ticks;
  }
}
