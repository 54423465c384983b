import { compactNtp, roundTripTimeMs } from '../rtp/ntp.ts';
import type { ReportBlock } from '../rtp/rtcp-packets.ts';
import { writeSenderReport } from '../rtp/rtcp-write.ts';
import type { ClockMapping } from './source-layer.ts';

/** A viewer answers one of the last few reports. */
const REMEMBERED_REPORTS = 8;

interface SentReport {
  readonly ntpTimestamp: bigint;
  readonly at: number;
}

/** What a sender report says beside the clock. */
export interface SentCounts {
  readonly ssrc: number;
  readonly packetCount: number;
  /** Payload bytes. */
  readonly octetCount: number;
}

/** Sender reports of one outbound track, and the round trip that the answers give (RFC 3550 section 6.4). */
export class SenderReports {
  readonly #clockRate: number;
  readonly #sent: SentReport[] = [];
  roundTripMs: number | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /**
   * A report on the publisher's clock, so that all its tracks stay in step at the viewer.
   * @param toViewer maps the source's timestamps to the viewer's
   */
  write(mapping: ClockMapping, toViewer: (timestamp: number) => number, counts: SentCounts, now: number): Buffer {
    const elapsedMs = now - mapping.at;
    const ntpTimestamp = mapping.ntpTimestamp + millisecondsAsNtp(elapsedMs);
    const rtpTimestamp = toViewer(mapping.rtpTimestamp + Math.round((elapsedMs * this.#clockRate) / 1000));
    this.#sent.push({ ntpTimestamp, at: now });
    if (this.#sent.length > REMEMBERED_REPORTS) this.#sent.shift();
    return writeSenderReport({ ...counts, ntpTimestamp, rtpTimestamp, reports: [] });
  }

  /** Takes a viewer's report block about our SSRC. */
  onReport(report: ReportBlock, now: number): void {
    const answered = this.#sent.find(({ ntpTimestamp }) => compactNtp(ntpTimestamp) === report.lastSenderReport);
    if (!answered) return;
    const arrival = answered.ntpTimestamp + millisecondsAsNtp(now - answered.at);
    this.roundTripMs = roundTripTimeMs(report, arrival) ?? 0;
  }
}

function millisecondsAsNtp(ms: number): bigint {
  return BigInt(Math.round((ms * 2 ** 32) / 1000));
}
