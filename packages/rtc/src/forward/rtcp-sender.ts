import { ntpFromUnixMs } from '../rtp/ntp.ts';
import type { ReportBlock } from '../rtp/rtcp-packets.ts';
import { joinCompound, writeReceiverReferenceTime, writeReceiverReport, writeSdes } from '../rtp/rtcp-write.ts';
import type { ForwardingTrack } from './forwarding-track.ts';
import type { InboundTrack } from './inbound-track.ts';
import { Periodic } from './periodic.ts';

const REPORT_INTERVAL_MS = 1000;
/** The first sender reports come quickly, so that a viewer has lips in sync from the start. */
const EARLY_REPORT_INTERVAL_MS = 200;
const EARLY_REPORTS = 5;

/** What the sender of RTCP is made from. */
export interface RtcpSenderOptions {
  readonly inbound: readonly InboundTrack[];
  readonly outbound: readonly ForwardingTrack[];
  /** Whom feedback and receiver reports are from. */
  readonly localSsrc: number;
  readonly cname: string;
  /** Whether feedback may go alone (RFC 5506). */
  readonly reducedSize: boolean;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Takes plaintext; the buffer is reused after the call. */
  readonly send: (packet: Buffer) => void;
}

/** Sends one peer its reports in time, and feedback in the form that it takes. */
export class RtcpSender {
  readonly #options: RtcpSenderOptions;
  readonly #receiverReportTimer: Periodic;
  readonly #senderReportTimer: Periodic;
  #senderReports = 0;

  constructor(options: RtcpSenderOptions) {
    this.#options = options;
    this.#receiverReportTimer = new Periodic(REPORT_INTERVAL_MS, options.now);
    this.#senderReportTimer = new Periodic(EARLY_REPORT_INTERVAL_MS, options.now);
  }

  /** Sends the reports that are due. */
  tick(now: number): void {
    const { inbound, outbound } = this.#options;
    if (inbound.length > 0 && this.#receiverReportTimer.due(now)) this.#sendReceiverReport(now);
    if (outbound.length > 0 && this.#senderReportTimer.due(now)) this.#sendSenderReports(now);
  }

  /** A peer without reduced-size RTCP wants feedback in a compound that begins with a report (RFC 5506). */
  sendFeedback(packet: Buffer): void {
    const { reducedSize, localSsrc, send } = this.#options;
    if (reducedSize) return send(packet);
    send(joinCompound([writeReceiverReport(localSsrc, []), this.#description(localSsrc), packet]));
  }

  #sendReceiverReport(now: number): void {
    const { inbound, localSsrc, send } = this.#options;
    const blocks: ReportBlock[] = [];
    for (const track of inbound) track.addReportBlocks(blocks, now);
    if (blocks.length === 0) return;
    // Extended reports may be used without signalling (RFC 3611 section 5); who does not know them passes over them.
    const reference = writeReceiverReferenceTime(localSsrc, referenceTime(now));
    send(joinCompound([writeReceiverReport(localSsrc, blocks), this.#description(localSsrc), reference]));
  }

  #sendSenderReports(now: number): void {
    const { outbound, send } = this.#options;
    for (const track of outbound) {
      const report = track.senderReport(now);
      if (!report) continue;
      send(joinCompound([report, this.#description(track.ssrc)]));
      this.#senderReports++;
    }
    if (this.#senderReports >= EARLY_REPORTS * outbound.length) this.#senderReportTimer.intervalMs = REPORT_INTERVAL_MS;
  }

  #description(ssrc: number): Buffer {
    return writeSdes(ssrc, this.#options.cname);
  }
}

/** A clock that no one sets; the peer only hands its time back. */
export function referenceTime(now: number): bigint {
  return ntpFromUnixMs(now);
}
