import { HEADER_EXTENSIONS, type Codec } from '@sluice/core';
import { writeRtpHeader, HeaderExtensionList } from '../../rtp/rtp-header.ts';
import type { NegotiatedCodec, NegotiatedSection } from '../../sdp/negotiated.ts';

export const VP8: Codec = { name: 'VP8', clockRate: 90_000, parameters: {} };

/** First byte 0x10 starts a partition; an even byte behind it says keyframe (RFC 7741 section 4.2). */
export const VP8_KEYFRAME = Buffer.from('100000009d012a80026801', 'hex');
export const VP8_DELTA = Buffer.from('100100000000', 'hex');

const VIDEO_CODEC: NegotiatedCodec = { payloadType: 96, rtxPayloadType: 97, codec: VP8, feedback: ['nack', 'nack pli', 'ccm fir'] };

/** A negotiated video m-line as tests need it. */
export function videoSection(overrides: Partial<NegotiatedSection> = {}): NegotiatedSection {
  return {
    index: 0,
    kind: 'video',
    media: 'video',
    protocol: 'UDP/TLS/RTP/SAVPF',
    formats: ['96', '97'],
    mid: 'v',
    hasMid: true,
    rejected: false,
    reducedSizeRtcp: true,
    sctpPort: 0,
    maxMessageSize: 0,
    direction: 'recvonly',
    codecs: [VIDEO_CODEC],
    extensions: [
      { id: 1, uri: HEADER_EXTENSIONS.mid, direction: 'sendrecv' },
      { id: 2, uri: HEADER_EXTENSIONS.rid, direction: 'sendrecv' },
      { id: 3, uri: HEADER_EXTENSIONS.repairedRid, direction: 'sendrecv' },
      { id: 4, uri: HEADER_EXTENSIONS.transportWideCc, direction: 'sendrecv' },
      { id: 5, uri: HEADER_EXTENSIONS.videoOrientation, direction: 'sendrecv' },
    ],
    remoteSsrcs: [],
    rids: [],
    bitrate: undefined,
    ...overrides,
  };
}

/** The fields of a packet that a test cares about. */
export interface TestPacket {
  readonly ssrc?: number;
  readonly payloadType?: number;
  readonly sequenceNumber: number;
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly payload?: Buffer;
  readonly extensions?: Readonly<Record<number, string | Buffer>>;
}

/** The bytes of an RTP packet. */
export function rtp(packet: TestPacket): Buffer {
  const extensions = new HeaderExtensionList();
  for (const [id, value] of Object.entries(packet.extensions ?? {})) extensions.add(Number(id), typeof value === 'string' ? Buffer.from(value) : value);
  const target = Buffer.alloc(1500);
  const header = { marker: false, payloadType: 96, timestamp: 0, ssrc: 1111, ...packet };
  const end = writeRtpHeader(target, header, extensions);
  const payload = packet.payload ?? VP8_DELTA;
  payload.copy(target, end);
  return Buffer.from(target.subarray(0, end + payload.length));
}
