import { compactDuration, compactNtp } from './ntp.ts';
import { RateMeter } from './rate-meter.ts';
import type { ReportBlock } from './rtcp-packets.ts';

// RFC 3550 appendix A.1.
const SEQUENCE_MODULUS = 0x1_0000;
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** Steps of transit time over this are a jump of the sender's clock, not jitter. */
const MAX_JITTER_STEP_SECONDS = 5;
const MAX_PACKETS_LOST = 0x7f_ffff;
const MIN_PACKETS_LOST = -0x80_0000;

/**
 * What receiver reports say about one SSRC (RFC 3550 appendices A.1, A.3 and A.8).
 * Times are milliseconds of one monotonic clock. Counting a packet allocates nothing.
 */
export class ReceiveStatistics {
  readonly #ssrc: number;
  readonly #clockRate: number;
  readonly #rate = new RateMeter();
  #packets = 0;
  #bytes = 0;

  #started = false;
  #baseSequence = 0;
  #highestSequence = 0;
  /** Cycles times 2^16. */
  #cycles = 0;
  /** The sequence number that, coming next, proves that the sender has restarted. */
  #restartSequence = -1;
  #received = 0;
  #expectedAtReport = 0;
  #receivedAtReport = 0;

  #jitter = 0;
  #transit = 0;

  #lastSenderReport = 0;
  #lastSenderReportAt = 0;

  /** @param clockRate in Hz */
  constructor(ssrc: number, clockRate: number) {
    this.#ssrc = ssrc;
    this.#clockRate = clockRate;
  }

  get packets(): number {
    return this.#packets;
  }

  /** Of all payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Since the start or the sender's last restart, those that were lost too. */
  get packetsExpected(): number {
    return this.#started ? this.#cycles + this.#highestSequence - this.#baseSequence + 1 : 0;
  }

  /** Expected minus received since the start or the sender's last restart; negative when duplicates outweigh losses. */
  get packetsLost(): number {
    return this.packetsExpected - this.#received;
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockRate;
  }

  /** Bit/s of payload over about the last second. */
  bitrate(nowMs: number): number {
    return this.#rate.bitrate(nowMs);
  }

  onPacket(sequenceNumber: number, timestamp: number, payloadBytes: number, arrivalMs: number): void {
    this.#packets++;
    this.#bytes += payloadBytes;
    this.#rate.add(payloadBytes, arrivalMs);
    const first = !this.#started;
    if (!this.#countSequence(sequenceNumber)) return;
    this.#received++;
    this.#measureJitter(timestamp, arrivalMs, first);
  }

  /** @param ntpTimestamp of the sender report, 64 bits */
  onSenderReport(ntpTimestamp: bigint, arrivalMs: number): void {
    this.#lastSenderReport = compactNtp(ntpTimestamp);
    this.#lastSenderReportAt = arrivalMs;
  }

  /** The block of our next receiver report; its fraction lost is that since the call before. Undefined before the first packet. */
  report(nowMs: number): ReportBlock | undefined {
    if (!this.#started) return undefined;
    const expected = this.packetsExpected - this.#expectedAtReport;
    const lost = expected - (this.#received - this.#receivedAtReport);
    this.#expectedAtReport = this.packetsExpected;
    this.#receivedAtReport = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost: expected > 0 && lost > 0 ? Math.min(255, Math.floor((lost * 256) / expected)) : 0,
      packetsLost: Math.max(MIN_PACKETS_LOST, Math.min(MAX_PACKETS_LOST, this.packetsLost)),
      extendedHighestSequence: (this.#cycles + this.#highestSequence) >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: this.#lastSenderReport === 0 ? 0 : compactDuration(nowMs - this.#lastSenderReportAt),
    };
  }

  /** `update_seq` of appendix A.1, without probation. @returns false for a packet from far outside the sequence */
  #countSequence(sequenceNumber: number): boolean {
    if (!this.#started) {
      this.#restart(sequenceNumber);
      return true;
    }
    const advance = (sequenceNumber - this.#highestSequence) & 0xffff;
    if (advance < MAX_DROPOUT) {
      if (sequenceNumber < this.#highestSequence) this.#cycles += SEQUENCE_MODULUS;
      this.#highestSequence = sequenceNumber;
      return true;
    }
    if (advance > SEQUENCE_MODULUS - MAX_MISORDER) return true;
    if (sequenceNumber === this.#restartSequence) {
      this.#restart(sequenceNumber);
      return true;
    }
    this.#restartSequence = (sequenceNumber + 1) & 0xffff;
    return false;
  }

  #restart(sequenceNumber: number): void {
    this.#started = true;
    this.#baseSequence = sequenceNumber;
    this.#highestSequence = sequenceNumber;
    this.#cycles = 0;
    this.#restartSequence = -1;
    this.#received = 0;
    this.#expectedAtReport = 0;
    this.#receivedAtReport = 0;
  }

  /** Appendix A.8. */
  #measureJitter(timestamp: number, arrivalMs: number, first: boolean): void {
    const transit = (Math.round((arrivalMs * this.#clockRate) / 1000) - timestamp) | 0;
    const step = Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    if (first || step > MAX_JITTER_STEP_SECONDS * this.#clockRate) return;
    this.#jitter += (step - this.#jitter) / 16;
  }
}
