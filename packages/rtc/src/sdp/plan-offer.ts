import type { Codec, KindCapabilities, MediaCapabilities, MediaKind } from '@sluice/core';

import { matchesCapability } from './codec-match.ts';
import { receives, sends, withoutSending } from './direction.ts';
import { NOTHING_NEGOTIATED } from './negotiate-section.ts';
import type { NegotiatedCodec, NegotiatedExtension, NegotiatedSection, OfferPlan } from './negotiated.ts';
import { isRed } from './red.ts';
import type { PlanOptions } from './plan-answer.ts';

const MEDIA_KINDS: readonly MediaKind[] = ['audio', 'video'];
/** Ids above 14 need the two-byte form, which not every peer takes (RFC 8285 section 4.2). */
const MAX_EXTENSION_ID = 14;

const OPUS_PARAMETERS = { minptime: '10', useinbandfec: '1' };
const H264_PARAMETERS = { 'level-asymmetry-allowed': '1', 'packetization-mode': '1' };

/** What a capability stands for when no source says it more exactly. */
const OFFERED_CODECS: readonly Codec[] = [
  { name: 'opus', clockRate: 48_000, channels: 2, parameters: OPUS_PARAMETERS },
  { name: 'PCMU', clockRate: 8000, parameters: {} },
  { name: 'PCMA', clockRate: 8000, parameters: {} },
  { name: 'G722', clockRate: 8000, parameters: {} },
  { name: 'VP8', clockRate: 90_000, parameters: {} },
  { name: 'VP9', clockRate: 90_000, parameters: { 'profile-id': '0' } },
  { name: 'AV1', clockRate: 90_000, parameters: {} },
  { name: 'H265', clockRate: 90_000, parameters: {} },
  { name: 'H264', clockRate: 90_000, parameters: { ...H264_PARAMETERS, 'profile-level-id': '42e01f' } },
  { name: 'H264', clockRate: 90_000, parameters: { ...H264_PARAMETERS, 'profile-level-id': '42001f' } },
  { name: 'H264', clockRate: 90_000, parameters: { ...H264_PARAMETERS, 'profile-level-id': '4d001f' } },
  { name: 'H264', clockRate: 90_000, parameters: { ...H264_PARAMETERS, 'profile-level-id': '64001f' } },
];
/** RFC 3551 section 6. */
const STATIC_PAYLOAD_TYPES: Readonly<Record<string, number>> = { pcmu: 0, pcma: 8, g722: 9 };

/** Chooses what to offer (RFC 8829 section 5.2): one m-line per kind of which something can be sent or taken, and one for data. */
export function planOffer(capabilities: MediaCapabilities, options: PlanOptions = {}): OfferPlan {
  const numbers = new OfferNumbers();
  const media = MEDIA_KINDS.flatMap((kind) => {
    const own = capabilities[kind];
    return own ? planMediaSection(kind, own, options, numbers) : [];
  });
  const data = capabilities.data === true ? [offeredSection('application', 'UDP/DTLS/SCTP')] : [];
  const sections = [...media, ...data].map((section, index) => ({ ...section, index, mid: String(index) }));
  return { setup: 'actpass', bundleMids: sections.map((section) => section.mid), extmapAllowMixed: true, sections };
}

function planMediaSection(kind: MediaKind, own: KindCapabilities, { outboundCodecs, bitrate }: PlanOptions, numbers: OfferNumbers): NegotiatedSection[] {
  const carried = outboundCodecs && (outboundCodecs[kind] ?? []);
  const direction = carried?.length === 0 ? withoutSending(own.direction) : own.direction;
  // RED names payload types that an offer of ours numbers anew; its primary is offered instead.
  const offerable = (carried && sends(direction) ? carried : OFFERED_CODECS).filter((codec) => !isRed(codec));
  const matching = own.codecs.flatMap((capability) => offerable.filter((codec) => matchesCapability(capability, codec)));
  const codecs = [...new Set(matching)].flatMap((codec) => numberCodec(codec, own, numbers));
  if (direction === 'inactive' || codecs.length === 0) return [];
  return [
    {
      ...offeredSection(kind, 'UDP/TLS/RTP/SAVPF'),
      direction,
      codecs,
      extensions: numberExtensions(own, numbers),
      reducedSizeRtcp: true,
      bitrate: kind === 'video' && receives(direction) ? (own.bitrate ?? bitrate) : undefined,
    },
  ];
}

/** Empty when no payload type is left. */
function numberCodec(codec: Codec, own: KindCapabilities, numbers: OfferNumbers): NegotiatedCodec[] {
  const payloadType = STATIC_PAYLOAD_TYPES[codec.name.toLowerCase()] ?? numbers.payloadType();
  if (payloadType === undefined) return [];
  return [{ payloadType, codec, feedback: own.rtcpFeedback, rtxPayloadType: own.rtx ? numbers.payloadType() : undefined }];
}

function numberExtensions(own: KindCapabilities, numbers: OfferNumbers): NegotiatedExtension[] {
  return own.headerExtensions.flatMap(({ uri, direction = 'sendrecv' }) => {
    const id = numbers.extensionId(uri);
    return id > MAX_EXTENSION_ID ? [] : [{ id, uri, direction }];
  });
}

/** Position and mid are given once all m-lines are known. */
function offeredSection(kind: MediaKind | 'application', protocol: string): NegotiatedSection {
  return {
    ...NOTHING_NEGOTIATED,
    index: 0,
    kind,
    media: kind,
    protocol,
    formats: ['webrtc-datachannel'],
    mid: '',
    hasMid: true,
    direction: 'sendrecv',
    sctpPort: 0,
    maxMessageSize: 0,
  };
}

/** Numbers that mean the same in every m-line of the BUNDLE (RFC 9143 sections 9.1 and 9.2). */
class OfferNumbers {
  readonly #payloadTypes = [...range(96, 127), ...range(35, 63)].values();
  readonly #extensionIds = new Map<string, number>();

  payloadType(): number | undefined {
    return this.#payloadTypes.next().value;
  }

  extensionId(uri: string): number {
    const id = this.#extensionIds.get(uri) ?? this.#extensionIds.size + 1;
    this.#extensionIds.set(uri, id);
    return id;
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
