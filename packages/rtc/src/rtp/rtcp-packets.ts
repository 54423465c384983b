/** Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1). */
export const RTCP_TYPE = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
  extendedReport: 207,
} as const;

/** Block types of extended reports (RFC 3611 sections 4.4 and 4.5). */
export const EXTENDED_REPORT_BLOCK = { receiverReferenceTime: 4, delaySinceLastReceiverReport: 5 } as const;

/** Formats of transport-layer feedback (RFC 4585 section 6.2, draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export const TRANSPORT_FEEDBACK = { nack: 1, transportCc: 15 } as const;

/** Formats of payload-specific feedback (RFC 4585 section 6.3, RFC 5104 section 4.3, draft-alvestrand-rmcat-remb-03). */
export const PAYLOAD_FEEDBACK = { pictureLoss: 1, fullIntraRequest: 4, applicationLayer: 15 } as const;

/** Bytes of a report block (RFC 3550 section 6.4.1). */
export const REPORT_BLOCK_LENGTH = 24;

/** What one receiver says about one source (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  /** The source it is about. */
  readonly ssrc: number;
  /** Lost since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Lost since the start, a signed 24-bit number. Negative when duplicates outweigh losses. */
  readonly packetsLost: number;
  /** Sequence number cycles in the high 16 bits. */
  readonly extendedHighestSequence: number;
  /** In units of the codec's clock rate. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 when there was none. */
  readonly lastSenderReport: number;
  /** In 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

/** SR (RFC 3550 section 6.4.1). */
export interface SenderReport {
  readonly type: 'sender-report';
  readonly ssrc: number;
  /** 64 bits: seconds since 1900 and their fraction. */
  readonly ntpTimestamp: bigint;
  /** The same instant on the media clock. */
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  /** Payload bytes. */
  readonly octetCount: number;
  readonly reports: readonly ReportBlock[];
}

/** RR (RFC 3550 section 6.4.2). */
export interface ReceiverReport {
  readonly type: 'receiver-report';
  readonly ssrc: number;
  readonly reports: readonly ReportBlock[];
}

/** SDES (RFC 3550 section 6.5); only CNAME is kept. */
export interface SourceDescription {
  readonly type: 'sdes';
  readonly chunks: readonly { readonly ssrc: number; readonly cname: string | undefined }[];
}

/** BYE (RFC 3550 section 6.6). */
export interface Goodbye {
  readonly type: 'bye';
  readonly ssrcs: readonly number[];
}

/** Generic NACK (RFC 4585 section 6.2.1). */
export interface Nack {
  readonly type: 'nack';
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  readonly sequenceNumbers: readonly number[];
}

/** PLI (RFC 4585 section 6.3.1). */
export interface PictureLoss {
  readonly type: 'pli';
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
}

/** FIR (RFC 5104 section 4.3.1). */
export interface FullIntraRequest {
  readonly type: 'fir';
  readonly senderSsrc: number;
  /** A repeated sequence number marks the repetition of one request. */
  readonly entries: readonly { readonly ssrc: number; readonly sequenceNumber: number }[];
}

/** REMB (draft-alvestrand-rmcat-remb-03). */
export interface ReceiverEstimate {
  readonly type: 'remb';
  readonly senderSsrc: number;
  /** Bit/s. */
  readonly bitrate: number;
  readonly ssrcs: readonly number[];
}

/** Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export interface TransportCcFeedback {
  readonly type: 'transport-cc';
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  /** Transport-wide sequence number of the first entry of {@link arrivals}. */
  readonly baseSequenceNumber: number;
  /** In 64 ms of the receiver's clock; 24 bits, signed. */
  readonly referenceTime: number;
  /** Counts feedback packets, 0 to 255. */
  readonly feedbackCount: number;
  /** When each packet from the base on arrived, in microseconds of the receiver's clock; undefined = not received. */
  readonly arrivals: readonly (number | undefined)[];
}

/** What a sender says about our receiver reference times (RFC 3611 section 4.5). */
export interface ReceiverTimeAnswer {
  /** The receiver that is answered. */
  readonly ssrc: number;
  /** Middle 32 bits of the NTP time that the receiver sent last; 0 when there was none. */
  readonly lastReceiverReport: number;
  /** In 1/65536 s. */
  readonly delaySinceLastReceiverReport: number;
}

/** XR (RFC 3611); only the answers to receiver reference times are kept. */
export interface ExtendedReport {
  readonly type: 'extended-report';
  readonly ssrc: number;
  readonly answers: readonly ReceiverTimeAnswer[];
}

/** Well framed, and nothing we read. */
export interface UnknownRtcp {
  readonly type: 'unknown';
  readonly packetType: number;
  /** The five bits of count or feedback format. */
  readonly format: number;
}

/** Stands where a packet of a compound could not be read. */
export interface MalformedRtcp {
  readonly type: 'malformed';
  /** A sentence for a log. */
  readonly reason: string;
}

/** One packet of a compound. */
export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  | Nack
  | PictureLoss
  | FullIntraRequest
  | ReceiverEstimate
  | TransportCcFeedback
  | ExtendedReport
  | UnknownRtcp
  | MalformedRtcp;

/** @param reason a sentence for a log */
export function malformedRtcp(reason: string): MalformedRtcp {
  return { type: 'malformed', reason };
}
