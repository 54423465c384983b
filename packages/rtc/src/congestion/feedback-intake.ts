import type { TransportCcFeedback } from '../rtp/rtcp-packets.ts';
import { AcknowledgedBitrate } from './acknowledged-bitrate.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { DelayBasedEstimate } from './delay-based-estimate.ts';
import type { LossBasedBound } from './loss-based-bound.ts';
import type { ProbeController } from './probe-controller.ts';
import { PACKET_FATE, SentPackets } from './sent-packets.ts';

/** After this long without feedback nobody can say how the packets in between were spread. */
const MAX_SKIPPED_MS = 500;

/** Finds the packets that transport-wide feedback speaks of, and hands each on, once, to all that learn from it. */
export class FeedbackIntake {
  readonly sent = new SentPackets();
  readonly acknowledged = new AcknowledgedBitrate();
  readonly delay = new DelayBasedEstimate();
  /** Packets that feedback named and we do not know: never sent, or too long ago. */
  unknownPackets = 0;
  readonly #arrivals = new ArrivalClock();
  readonly #loss: LossBasedBound;
  readonly #probes: ProbeController;
  /** Highest packet that was reported, unwrapped. */
  #highest = -1;
  #receivedAt = 0;
  /** Bytes that a lost feedback would have told of. */
  #skippedBytes = 0;

  constructor(loss: LossBasedBound, probes: ProbeController) {
    this.#loss = loss;
    this.#probes = probes;
  }

  /** @returns when the newest of the packets that arrived was sent; undefined when none did */
  receive(feedback: TransportCcFeedback, now: number): number | undefined {
    const { arrivals, baseSequenceNumber } = feedback;
    const offset = this.#arrivals.offset(feedback.referenceTime);
    this.#skip(this.sent.find(baseSequenceNumber), now);
    let newest: number | undefined;
    for (let index = 0; index < arrivals.length; index++) {
      const sequence = this.sent.find((baseSequenceNumber + index) & 0xffff);
      if (sequence < 0) {
        this.unknownPackets++;
        continue;
      }
      const arrival = arrivals[index];
      const sentAt = this.sent.sentAt(sequence, now);
      if (arrival === undefined) this.#onLost(sequence, sentAt);
      else {
        this.#onReceived(sequence, sentAt, arrival / 1000 + offset, now);
        newest = sentAt;
      }
      if (sequence > this.#highest) this.#highest = sequence;
    }
    return newest;
  }

  /** Feedback that got lost leaves a hole before `base`; it says nothing of the packets' fates, yet they were no pause. */
  #skip(base: number, now: number): void {
    const recent = now - this.#receivedAt <= MAX_SKIPPED_MS;
    this.#receivedAt = now;
    this.#skippedBytes = 0;
    if (!recent || base < 0) return;
    for (let sequence = this.#highest + 1; sequence < base; sequence++) this.#skippedBytes += this.sent.bytes(sequence);
  }

  #onLost(sequence: number, sentAt: number): void {
    if (this.sent.fate(sequence) !== PACKET_FATE.unreported) return;
    this.sent.setFate(sequence, PACKET_FATE.lost);
    this.#loss.add(this.sent.bytes(sequence), sentAt, true);
  }

  #onReceived(sequence: number, sentAt: number, arrival: number, now: number): void {
    const fate = this.sent.fate(sequence);
    if (fate === PACKET_FATE.received) return;
    this.sent.setFate(sequence, PACKET_FATE.received);
    const bytes = this.sent.bytes(sequence);
    if (fate === PACKET_FATE.lost) this.#loss.onLateArrival();
    else this.#loss.add(bytes, sentAt, false);
    this.#acknowledge(sequence, fate === PACKET_FATE.lost, bytes, arrival);
    this.delay.add(sentAt, arrival, now);
    this.#probes.onReceived(this.sent.cluster(sequence), bytes, sentAt, arrival);
  }

  #acknowledge(sequence: number, late: boolean, bytes: number, arrival: number): void {
    // Feedback that itself was late: its packets were counted as skipped ones.
    if (sequence <= this.#highest && !late) return;
    this.acknowledged.add(bytes + this.#skippedBytes, arrival);
    this.#skippedBytes = 0;
  }
}
