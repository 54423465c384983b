import {
  EXTENDED_REPORT_BLOCK,
  type MalformedRtcp,
  PAYLOAD_FEEDBACK,
  REPORT_BLOCK_LENGTH,
  RTCP_TYPE,
  type ReceiverTimeAnswer,
  type ReportBlock,
  type RtcpPacket,
  TRANSPORT_FEEDBACK,
  malformedRtcp,
} from './rtcp-packets.ts';
import { parseTransportCc } from './transport-cc.ts';

/** Bounds of what one datagram may make us do. */
export interface RtcpLimits {
  /** Packets of one compound. Default 32. */
  readonly maxPackets?: number | undefined;
  /** Sequence numbers that all NACKs and transport feedback of one datagram may name. Default 16384. */
  readonly maxSequenceNumbers?: number | undefined;
}

/** One packet of a compound, header and padding taken off. */
interface RtcpMember {
  readonly packetType: number;
  /** The five bits of count or feedback format. */
  readonly format: number;
  readonly body: Buffer;
}

const HEADER_LENGTH = 4;
const SENDER_INFO_LENGTH = 20;
/** SSRC of sender and of media source, which begin every feedback packet (RFC 4585 section 6.1). */
const FEEDBACK_HEADER_LENGTH = 8;
const SDES_CNAME = 1;

/**
 * Reads a compound or reduced-size RTCP datagram (RFC 3550 section 6.1, RFC 5506).
 * Never throws. What cannot be read becomes an entry of type `malformed`; when the
 * framing breaks or a limit is passed, that entry is the last.
 */
export function parseRtcp(datagram: Buffer, limits: RtcpLimits = {}): readonly RtcpPacket[] {
  const maxPackets = limits.maxPackets ?? 32;
  let sequenceNumbersLeft = limits.maxSequenceNumbers ?? 16_384;
  const packets: RtcpPacket[] = [];
  let offset = 0;
  while (offset < datagram.length) {
    if (packets.length === maxPackets) return [...packets, malformedRtcp(`A compound holds more than ${maxPackets} packets.`)];
    const length = memberLength(datagram, offset);
    if (length === undefined) return [...packets, malformedRtcp(`RTCP framing is broken at byte ${offset}.`)];
    const packet = parseMember(datagram.subarray(offset, offset + length), sequenceNumbersLeft);
    packets.push(packet);
    sequenceNumbersLeft -= sequenceNumberCount(packet);
    offset += length;
  }
  return packets;
}

function memberLength(datagram: Buffer, offset: number): number | undefined {
  if (offset + HEADER_LENGTH > datagram.length) return undefined;
  if (datagram.readUInt8(offset) >> 6 !== 2) return undefined;
  const length = HEADER_LENGTH + 4 * datagram.readUInt16BE(offset + 2);
  return offset + length > datagram.length ? undefined : length;
}

function parseMember(packet: Buffer, maxSequenceNumbers: number): RtcpPacket {
  const first = packet.readUInt8(0);
  const hasPadding = (first & 0x20) !== 0;
  const padding = hasPadding ? packet.readUInt8(packet.length - 1) : 0;
  if (padding > packet.length - HEADER_LENGTH || (hasPadding && padding === 0)) {
    return malformedRtcp(`RTCP padding of ${padding} bytes in a packet of ${packet.length}.`);
  }
  const body = packet.subarray(HEADER_LENGTH, packet.length - padding);
  const member: RtcpMember = { packetType: packet.readUInt8(1), format: first & 0x1f, body };
  return parseBody(member, maxSequenceNumbers);
}

function parseBody(member: RtcpMember, maxSequenceNumbers: number): RtcpPacket {
  switch (member.packetType) {
    case RTCP_TYPE.senderReport:
      return parseSenderReport(member);
    case RTCP_TYPE.receiverReport:
      return parseReceiverReport(member);
    case RTCP_TYPE.sourceDescription:
      return parseSourceDescription(member);
    case RTCP_TYPE.goodbye:
      return parseGoodbye(member);
    case RTCP_TYPE.transportFeedback:
      return parseTransportFeedback(member, maxSequenceNumbers);
    case RTCP_TYPE.payloadFeedback:
      return parsePayloadFeedback(member);
    case RTCP_TYPE.extendedReport:
      return parseExtendedReport(member);
    default:
      return unknown(member);
  }
}

function parseSenderReport({ body, format }: RtcpMember): RtcpPacket {
  const reportsAt = 4 + SENDER_INFO_LENGTH;
  if (body.length < reportsAt + format * REPORT_BLOCK_LENGTH) return tooShort('sender report', body);
  return {
    type: 'sender-report',
    ssrc: body.readUInt32BE(0),
    ntpTimestamp: body.readBigUInt64BE(4),
    rtpTimestamp: body.readUInt32BE(12),
    packetCount: body.readUInt32BE(16),
    octetCount: body.readUInt32BE(20),
    reports: parseReportBlocks(body, reportsAt, format),
  };
}

function parseReceiverReport({ body, format }: RtcpMember): RtcpPacket {
  if (body.length < 4 + format * REPORT_BLOCK_LENGTH) return tooShort('receiver report', body);
  return { type: 'receiver-report', ssrc: body.readUInt32BE(0), reports: parseReportBlocks(body, 4, format) };
}

function parseReportBlocks(body: Buffer, at: number, count: number): ReportBlock[] {
  const reports: ReportBlock[] = [];
  for (let offset = at; reports.length < count; offset += REPORT_BLOCK_LENGTH) {
    reports.push({
      ssrc: body.readUInt32BE(offset),
      fractionLost: body.readUInt8(offset + 4),
      packetsLost: body.readIntBE(offset + 5, 3),
      extendedHighestSequence: body.readUInt32BE(offset + 8),
      jitter: body.readUInt32BE(offset + 12),
      lastSenderReport: body.readUInt32BE(offset + 16),
      delaySinceLastSenderReport: body.readUInt32BE(offset + 20),
    });
  }
  return reports;
}

function parseSourceDescription({ body, format }: RtcpMember): RtcpPacket {
  const chunks: { ssrc: number; cname: string | undefined }[] = [];
  let offset = 0;
  while (chunks.length < format) {
    if (offset + 4 > body.length) return tooShort('source description', body);
    const ssrc = body.readUInt32BE(offset);
    let cname: string | undefined;
    let item = offset + 4;
    // A zero octet ends the items of a chunk (RFC 3550 section 6.5).
    while (item < body.length && body.readUInt8(item) !== 0) {
      const textAt = item + 2;
      const end = textAt > body.length ? textAt : textAt + body.readUInt8(item + 1);
      if (end > body.length) return tooShort('source description item', body);
      if (body.readUInt8(item) === SDES_CNAME) cname = body.toString('utf8', textAt, end);
      item = end;
    }
    chunks.push({ ssrc, cname });
    offset = (item + 4) & ~3;
  }
  return { type: 'sdes', chunks };
}

function parseGoodbye({ body, format }: RtcpMember): RtcpPacket {
  if (body.length < 4 * format) return tooShort('BYE', body);
  return { type: 'bye', ssrcs: readSsrcs(body, 0, format) };
}

function parseTransportFeedback(member: RtcpMember, maxSequenceNumbers: number): RtcpPacket {
  const { body, format } = member;
  if (body.length < FEEDBACK_HEADER_LENGTH) return tooShort('transport feedback', body);
  if (format === TRANSPORT_FEEDBACK.nack) return parseNack(body, maxSequenceNumbers);
  if (format === TRANSPORT_FEEDBACK.transportCc) return parseTransportCc(body, maxSequenceNumbers);
  return unknown(member);
}

function parseNack(body: Buffer, maxSequenceNumbers: number): RtcpPacket {
  const sequenceNumbers: number[] = [];
  for (let offset = FEEDBACK_HEADER_LENGTH; offset + 4 <= body.length; offset += 4) {
    const packetId = body.readUInt16BE(offset);
    const bitmask = body.readUInt16BE(offset + 2);
    sequenceNumbers.push(packetId);
    for (let bit = 0; bit < 16; bit++) {
      if ((bitmask >> bit) & 1) sequenceNumbers.push((packetId + bit + 1) & 0xffff);
    }
    if (sequenceNumbers.length > maxSequenceNumbers) return malformedRtcp('NACKs name more sequence numbers than allowed.');
  }
  return { type: 'nack', senderSsrc: body.readUInt32BE(0), mediaSsrc: body.readUInt32BE(4), sequenceNumbers };
}

function parsePayloadFeedback(member: RtcpMember): RtcpPacket {
  const { body, format } = member;
  if (body.length < FEEDBACK_HEADER_LENGTH) return tooShort('payload feedback', body);
  if (format === PAYLOAD_FEEDBACK.fullIntraRequest) return parseFullIntraRequest(body);
  if (format === PAYLOAD_FEEDBACK.applicationLayer && body.toString('latin1', 8, 12) === 'REMB') return parseEstimate(body);
  if (format !== PAYLOAD_FEEDBACK.pictureLoss) return unknown(member);
  return { type: 'pli', senderSsrc: body.readUInt32BE(0), mediaSsrc: body.readUInt32BE(4) };
}

function parseFullIntraRequest(body: Buffer): RtcpPacket {
  const entries: { ssrc: number; sequenceNumber: number }[] = [];
  for (let offset = FEEDBACK_HEADER_LENGTH; offset + 8 <= body.length; offset += 8) {
    entries.push({ ssrc: body.readUInt32BE(offset), sequenceNumber: body.readUInt8(offset + 4) });
  }
  return { type: 'fir', senderSsrc: body.readUInt32BE(0), entries };
}

function parseEstimate(body: Buffer): RtcpPacket {
  const ssrcsAt = FEEDBACK_HEADER_LENGTH + 8;
  if (body.length < ssrcsAt) return tooShort('REMB', body);
  const ssrcCount = body.readUInt8(12);
  if (body.length < ssrcsAt + 4 * ssrcCount) return tooShort('REMB', body);
  const exponent = body.readUInt8(13) >> 2;
  const mantissa = body.readUIntBE(13, 3) & 0x3_ffff;
  return {
    type: 'remb',
    senderSsrc: body.readUInt32BE(0),
    bitrate: mantissa * 2 ** exponent,
    ssrcs: readSsrcs(body, ssrcsAt, ssrcCount),
  };
}

/** RFC 3611 section 2: blocks of a type, a type-specific octet, and a length in words behind these four bytes. */
function parseExtendedReport({ body }: RtcpMember): RtcpPacket {
  if (body.length < 4) return tooShort('extended report', body);
  const answers: ReceiverTimeAnswer[] = [];
  let offset = 4;
  while (offset + 4 <= body.length) {
    const end = offset + 4 + 4 * body.readUInt16BE(offset + 2);
    if (end > body.length) return tooShort('block of an extended report', body);
    if (body.readUInt8(offset) === EXTENDED_REPORT_BLOCK.delaySinceLastReceiverReport) readReceiverTimeAnswers(body, offset + 4, end, answers);
    offset = end;
  }
  return { type: 'extended-report', ssrc: body.readUInt32BE(0), answers };
}

function readReceiverTimeAnswers(body: Buffer, at: number, end: number, answers: ReceiverTimeAnswer[]): void {
  for (let offset = at; offset + 12 <= end; offset += 12) {
    answers.push({
      ssrc: body.readUInt32BE(offset),
      lastReceiverReport: body.readUInt32BE(offset + 4),
      delaySinceLastReceiverReport: body.readUInt32BE(offset + 8),
    });
  }
}

function readSsrcs(body: Buffer, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => body.readUInt32BE(at + 4 * index));
}

function sequenceNumberCount(packet: RtcpPacket): number {
  if (packet.type === 'nack') return packet.sequenceNumbers.length;
  return packet.type === 'transport-cc' ? packet.arrivals.length : 0;
}

function unknown({ packetType, format }: RtcpMember): RtcpPacket {
  return { type: 'unknown', packetType, format };
}

function tooShort(what: string, body: Buffer): MalformedRtcp {
  return malformedRtcp(`A ${what} does not fit its ${body.length} bytes.`);
}
