import { NO_CLUSTER } from './sent-packets.ts';

const MIN_REPORTED = 0.8;
const MAX_INTERVAL_MS = 1000;
/** Packets cannot arrive so much faster than they were sent, but for a queue that empties. */
const MAX_COMPRESSION = 2;
/** Below this part of the rate sent, the path was full. */
const UNSATURATED = 0.9;
/** Of the rate at which a full path delivered. */
const SATURATED_TARGET = 0.95;

/** How fast the packets of one probe cluster were sent and how fast they arrived. Milliseconds and bytes. */
export class ProbeMeasurement {
  #cluster = NO_CLUSTER;
  #sentPackets = 0;
  #sentBytes = 0;
  #firstSentAt = 0;
  #packets = 0;
  #bytes = 0;
  #lastSentAt = 0;
  #lastSentBytes = 0;
  #firstArrival = 0;
  #firstArrivalBytes = 0;
  #lastArrival = 0;

  get sentPackets(): number {
    return this.#sentPackets;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  begin(cluster: number): void {
    this.#cluster = cluster;
    this.#sentPackets = 0;
    this.#sentBytes = 0;
    this.#packets = 0;
    this.#bytes = 0;
  }

  onSent(bytes: number): void {
    this.#sentPackets++;
    this.#sentBytes += bytes;
  }

  onReceived(cluster: number, bytes: number, sentAt: number, arrival: number): void {
    if (cluster !== this.#cluster) return;
    if (this.#packets === 0) {
      this.#firstSentAt = this.#lastSentAt = sentAt;
      this.#firstArrival = this.#lastArrival = arrival;
      this.#lastSentBytes = this.#firstArrivalBytes = bytes;
    }
    this.#packets++;
    this.#bytes += bytes;
    if (sentAt < this.#firstSentAt) this.#firstSentAt = sentAt;
    if (sentAt >= this.#lastSentAt) {
      this.#lastSentAt = sentAt;
      this.#lastSentBytes = bytes;
    }
    if (arrival > this.#lastArrival) this.#lastArrival = arrival;
    if (arrival < this.#firstArrival) {
      this.#firstArrival = arrival;
      this.#firstArrivalBytes = bytes;
    }
  }

  /** Bit/s that the path carries by this cluster; undefined while too little of it is known. */
  result(): number | undefined {
    if (this.#packets < MIN_REPORTED * this.#sentPackets || this.#bytes < MIN_REPORTED * this.#sentBytes) return undefined;
    const sendMs = this.#lastSentAt - this.#firstSentAt;
    const arrivalMs = this.#lastArrival - this.#firstArrival;
    if (sendMs <= 0 || sendMs > MAX_INTERVAL_MS || arrivalMs <= 0 || arrivalMs > MAX_INTERVAL_MS) return undefined;
    // The last packet is not in the time it took to send the others, nor the first in that of their arrival.
    const sendRate = ((this.#bytes - this.#lastSentBytes) * 8000) / sendMs;
    const arrivalRate = ((this.#bytes - this.#firstArrivalBytes) * 8000) / arrivalMs;
    if (arrivalRate > MAX_COMPRESSION * sendRate) return undefined;
    return arrivalRate < UNSATURATED * sendRate ? SATURATED_TARGET * arrivalRate : Math.min(sendRate, arrivalRate);
  }
}
