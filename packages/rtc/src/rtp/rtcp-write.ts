import {
  EXTENDED_REPORT_BLOCK,
  type FullIntraRequest,
  PAYLOAD_FEEDBACK,
  REPORT_BLOCK_LENGTH,
  RTCP_TYPE,
  type ReceiverEstimate,
  type ReportBlock,
  type SenderReport,
  TRANSPORT_FEEDBACK,
} from './rtcp-packets.ts';
import { sequenceDistance } from './sequence.ts';

/** The count field has five bits. */
const MAX_REPORTS = 31;
const SDES_CNAME = 1;
const MAX_SDES_TEXT = 255;
const FEEDBACK_HEADER_LENGTH = 12;
/** 18 bits (draft-alvestrand-rmcat-remb-03 section 2.2). */
const MAX_REMB_MANTISSA = 0x3_ffff;
const MAX_REMB_SSRCS = 255;

/** A zeroed RTCP packet with its header (RFC 3550 section 6.4.1); `length` is that of the whole packet, a multiple of 4. */
function startRtcp(packetType: number, format: number, length: number): Buffer {
  const packet = Buffer.alloc(length);
  packet.writeUInt8(0x80 | format, 0);
  packet.writeUInt8(packetType, 1);
  packet.writeUInt16BE(length / 4 - 1, 2);
  return packet;
}

/** The same for a feedback packet (RFC 4585 section 6.1). */
export function startFeedback(
  packetType: number,
  format: number,
  senderSsrc: number,
  mediaSsrc: number,
  controlInformationLength: number,
): Buffer {
  const packet = startRtcp(packetType, format, FEEDBACK_HEADER_LENGTH + controlInformationLength);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** SR (RFC 3550 section 6.4.1), followed by receiver reports when it has over 31 report blocks. Counts wrap at 2^32. */
export function writeSenderReport(report: Omit<SenderReport, 'type'>): Buffer {
  const own = report.reports.slice(0, MAX_REPORTS);
  const packet = startRtcp(RTCP_TYPE.senderReport, own.length, 28 + own.length * REPORT_BLOCK_LENGTH);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeBigUInt64BE(report.ntpTimestamp, 8);
  packet.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(report.packetCount >>> 0, 20);
  packet.writeUInt32BE(report.octetCount >>> 0, 24);
  writeReportBlocks(packet, 28, own);
  if (report.reports.length <= MAX_REPORTS) return packet;
  return joinCompound([packet, writeReceiverReport(report.ssrc, report.reports.slice(MAX_REPORTS))]);
}

/** RR (RFC 3550 section 6.4.2); several of them when there are over 31 report blocks. */
export function writeReceiverReport(ssrc: number, reports: readonly ReportBlock[]): Buffer {
  const own = reports.slice(0, MAX_REPORTS);
  const packet = startRtcp(RTCP_TYPE.receiverReport, own.length, 8 + own.length * REPORT_BLOCK_LENGTH);
  packet.writeUInt32BE(ssrc, 4);
  writeReportBlocks(packet, 8, own);
  if (reports.length <= MAX_REPORTS) return packet;
  return joinCompound([packet, writeReceiverReport(ssrc, reports.slice(MAX_REPORTS))]);
}

/** SDES with one CNAME (RFC 3550 section 6.5.1), cut to 255 bytes. */
export function writeSdes(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname).subarray(0, MAX_SDES_TEXT);
  // At least one zero octet ends the items of a chunk.
  const length = 4 + ((4 + 2 + text.length + 1 + 3) & ~3);
  const packet = startRtcp(RTCP_TYPE.sourceDescription, 1, length);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(SDES_CNAME, 8);
  packet.writeUInt8(text.length, 9);
  text.copy(packet, 10);
  return packet;
}

/** BYE of up to 31 sources (RFC 3550 section 6.6). @throws RangeError for more */
export function writeBye(ssrcs: readonly number[]): Buffer {
  if (ssrcs.length > MAX_REPORTS) throw new RangeError(`A BYE holds at most ${MAX_REPORTS} sources, not ${ssrcs.length}.`);
  const packet = startRtcp(RTCP_TYPE.goodbye, ssrcs.length, 4 + 4 * ssrcs.length);
  writeSsrcs(packet, 4, ssrcs);
  return packet;
}

/**
 * Generic NACK (RFC 4585 section 6.2.1).
 * @param sequenceNumbers in the order of sending, across the wrap too: up to 17 neighbours share one entry
 */
export function writeNack(senderSsrc: number, mediaSsrc: number, sequenceNumbers: readonly number[]): Buffer {
  const entries: { packetId: number; bitmask: number }[] = [];
  for (const sequenceNumber of sequenceNumbers) {
    const last = entries.at(-1);
    const distance = last ? sequenceDistance(last.packetId, sequenceNumber) : 0;
    if (last && distance > 0 && distance <= 16) last.bitmask |= 1 << (distance - 1);
    else entries.push({ packetId: sequenceNumber, bitmask: 0 });
  }
  const packet = startFeedback(RTCP_TYPE.transportFeedback, TRANSPORT_FEEDBACK.nack, senderSsrc, mediaSsrc, 4 * entries.length);
  let offset = FEEDBACK_HEADER_LENGTH;
  for (const { packetId, bitmask } of entries) {
    offset = packet.writeUInt16BE(packetId, offset);
    offset = packet.writeUInt16BE(bitmask, offset);
  }
  return packet;
}

/** PLI (RFC 4585 section 6.3.1). */
export function writePli(senderSsrc: number, mediaSsrc: number): Buffer {
  return startFeedback(RTCP_TYPE.payloadFeedback, PAYLOAD_FEEDBACK.pictureLoss, senderSsrc, mediaSsrc, 0);
}

/** FIR (RFC 5104 section 4.3.1); its media SSRC field is always 0. */
export function writeFir(senderSsrc: number, entries: FullIntraRequest['entries']): Buffer {
  const format = PAYLOAD_FEEDBACK.fullIntraRequest;
  const packet = startFeedback(RTCP_TYPE.payloadFeedback, format, senderSsrc, 0, 8 * entries.length);
  entries.forEach((entry, index) => {
    packet.writeUInt32BE(entry.ssrc, FEEDBACK_HEADER_LENGTH + 8 * index);
    packet.writeUInt8(entry.sequenceNumber & 0xff, FEEDBACK_HEADER_LENGTH + 8 * index + 4);
  });
  return packet;
}

/** REMB (draft-alvestrand-rmcat-remb-03); the bitrate is rounded down to 18 significant bits. @throws RangeError for over 255 sources */
export function writeRemb({ senderSsrc, bitrate, ssrcs }: Omit<ReceiverEstimate, 'type'>): Buffer {
  if (ssrcs.length > MAX_REMB_SSRCS) throw new RangeError(`A REMB holds at most 255 sources, not ${ssrcs.length}.`);
  let exponent = 0;
  let mantissa = Math.max(0, Math.floor(bitrate));
  while (mantissa > MAX_REMB_MANTISSA) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  const format = PAYLOAD_FEEDBACK.applicationLayer;
  const packet = startFeedback(RTCP_TYPE.payloadFeedback, format, senderSsrc, 0, 8 + 4 * ssrcs.length);
  packet.write('REMB', FEEDBACK_HEADER_LENGTH, 'latin1');
  packet.writeUInt8(ssrcs.length, 16);
  packet.writeUIntBE((exponent << 18) | mantissa, 17, 3);
  writeSsrcs(packet, 20, ssrcs);
  return packet;
}

/**
 * XR with our reference time (RFC 3611 section 4.4), which lets us measure the round trip without sending media.
 * @param ntpTimestamp 64 bits, of any clock of ours
 */
export function writeReceiverReferenceTime(ssrc: number, ntpTimestamp: bigint): Buffer {
  const packet = startRtcp(RTCP_TYPE.extendedReport, 0, 20);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(EXTENDED_REPORT_BLOCK.receiverReferenceTime, 8);
  packet.writeUInt16BE(2, 10);
  packet.writeBigUInt64BE(ntpTimestamp, 12);
  return packet;
}

/** One datagram of several packets. Unless reduced-size RTCP is negotiated (RFC 5506), a report comes first. */
export function joinCompound(packets: readonly Buffer[]): Buffer {
  return Buffer.concat(packets);
}

function writeReportBlocks(packet: Buffer, at: number, reports: readonly ReportBlock[]): void {
  reports.forEach((report, index) => {
    const offset = at + index * REPORT_BLOCK_LENGTH;
    packet.writeUInt32BE(report.ssrc, offset);
    packet.writeUInt8(report.fractionLost, offset + 4);
    packet.writeIntBE(report.packetsLost, offset + 5, 3);
    packet.writeUInt32BE(report.extendedHighestSequence, offset + 8);
    packet.writeUInt32BE(report.jitter, offset + 12);
    packet.writeUInt32BE(report.lastSenderReport, offset + 16);
    packet.writeUInt32BE(report.delaySinceLastSenderReport, offset + 20);
  });
}

function writeSsrcs(packet: Buffer, at: number, ssrcs: readonly number[]): void {
  ssrcs.forEach((ssrc, index) => packet.writeUInt32BE(ssrc, at + 4 * index));
}
