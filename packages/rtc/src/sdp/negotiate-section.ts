import { HEADER_EXTENSIONS, type Codec, type CodecCapability, type Direction, type KindCapabilities } from '@sluice/core';

import { answerParameters } from './answer-parameters.ts';
import { codecsMatch, decodes, matchesCapability } from './codec-match.ts';
import { combineDirections, receives } from './direction.ts';
import { isRed } from './red.ts';
import type { NegotiatedCodec, NegotiatedExtension, NegotiatedSection } from './negotiated.ts';
import type { RemoteCodec, RemoteRid, RemoteSection } from './remote-description.ts';

/** An m-line on which neither side does anything. */
export const NOTHING_NEGOTIATED = {
  rejected: false,
  direction: 'inactive',
  codecs: [],
  extensions: [],
  reducedSizeRtcp: false,
  remoteSsrcs: [],
  rids: [],
  bitrate: undefined,
} as const;

/** An m-line that we refuse; it keeps its place and its mid (RFC 8829 section 5.3.1). */
export function rejectedSection(section: RemoteSection): NegotiatedSection {
  return { ...unusedSection(section), rejected: true };
}

/**
 * An m-line on which nothing will flow. It is kept, as inactive, because Chromium with max-bundle refuses
 * an answer that rejects the first m-line. Any codec will do, but one must stand there.
 */
export function idleSection(section: RemoteSection): NegotiatedSection {
  const [first] = section.codecs;
  if (!first) return rejectedSection(section);
  const { payloadType, codec } = first;
  const named = { ...codec, parameters: answerParameters(codec, undefined) };
  return { ...unusedSection(section), codecs: [{ payloadType, codec: named, feedback: [] }] };
}

/** An m-line of data channels. */
export function dataSection(section: RemoteSection): NegotiatedSection {
  return { ...unusedSection(section), direction: 'sendrecv' };
}

/** An m-line of audio or video on which our direction is `direction`. */
export function mediaSection(
  section: RemoteSection,
  capabilities: KindCapabilities,
  direction: Direction,
  codecs: readonly NegotiatedCodec[],
): NegotiatedSection {
  const extensions = negotiateExtensions(section, capabilities);
  const receiving = receives(direction);
  return {
    ...unusedSection(section),
    direction,
    codecs,
    extensions,
    reducedSizeRtcp: section.reducedSizeRtcp,
    remoteSsrcs: receiving ? section.ssrcs : [],
    rids: receiving && capabilities.simulcast === true ? negotiateRids(section, extensions) : [],
    bitrate: receiving && section.kind === 'video' ? capabilities.bitrate : undefined,
  };
}

/**
 * The codecs of both sides in our order of preference.
 * @param carried what our source carries; undefined when nothing is known or nothing is sent
 */
export function negotiateCodecs(
  section: RemoteSection,
  capabilities: KindCapabilities,
  carried: readonly Codec[] | undefined,
): NegotiatedCodec[] {
  const left = new Set(section.codecs);
  const negotiated: NegotiatedCodec[] = [];
  for (const capability of capabilities.codecs) {
    for (const remote of left) {
      const source = carried?.find((codec) => takes(section, remote, codec));
      if (!matchesCapability(capability, remote.codec) || (carried && !source)) continue;
      left.delete(remote);
      negotiated.push(negotiateCodec(remote, capabilities, capability, source));
    }
  }
  return withRedFirstIfOfferedSo(section, negotiated);
}

/** A browser sends the first codec of the answer; whether that is RED is for it to choose. */
function withRedFirstIfOfferedSo(section: RemoteSection, negotiated: NegotiatedCodec[]): NegotiatedCodec[] {
  const [first] = section.codecs;
  if (!first || !isRed(first.codec)) return negotiated;
  return negotiated.toSorted((a, b) => Number(isRed(b.codec)) - Number(isRed(a.codec)));
}

/** Another profile of H264 serves only where the very one is not offered. */
function takes(section: RemoteSection, remote: RemoteCodec, sent: Codec): boolean {
  if (codecsMatch(sent, remote.codec)) return true;
  return decodes(remote.codec, sent) && !section.codecs.some(({ codec }) => codecsMatch(sent, codec));
}

function negotiateCodec(
  remote: RemoteCodec,
  capabilities: KindCapabilities,
  capability: CodecCapability,
  source: Codec | undefined,
): NegotiatedCodec {
  // Of another profile than the peer offered, only that one may stand in the answer (RFC 6184 section 8.2.2).
  const sent = source && codecsMatch(source, remote.codec) ? source : undefined;
  const ownLevel = source ? sent?.parameters['profile-level-id'] : capability.parameters?.['profile-level-id'];
  return {
    payloadType: remote.payloadType,
    codec: { ...remote.codec, parameters: answerParameters(remote.codec, ownLevel) },
    feedback: withoutSpareEstimates(capabilities.rtcpFeedback.filter((value) => remote.feedback.includes(value))),
    rtxPayloadType: capabilities.rtx ? remote.rtxPayloadType : undefined,
  };
}

/** REMB is for peers that know nothing better. */
function withoutSpareEstimates(feedback: string[]): string[] {
  return feedback.includes('transport-cc') ? feedback.filter((value) => value !== 'goog-remb') : feedback;
}

/** Those that both sides know, under the peer's ids (RFC 8285 section 6). */
function negotiateExtensions(section: RemoteSection, capabilities: KindCapabilities): NegotiatedExtension[] {
  const negotiated = capabilities.headerExtensions.flatMap(({ uri, direction: own = 'sendrecv' }): NegotiatedExtension[] => {
    const remote = section.extensions.find((extension) => extension.uri === uri);
    const direction = remote ? combineDirections(remote.direction, own) : 'inactive';
    return remote && direction !== 'inactive' ? [{ id: remote.id, uri, direction }] : [];
  });
  return withoutSpareSendTime(negotiated);
}

/** Send times serve an estimate that a peer with transport-wide feedback makes itself; to it they are bytes for nothing. */
function withoutSpareSendTime(extensions: NegotiatedExtension[]): NegotiatedExtension[] {
  const hasTransportCc = extensions.some(({ uri }) => uri === HEADER_EXTENSIONS.transportWideCc);
  return hasTransportCc ? extensions.filter(({ uri }) => uri !== HEADER_EXTENSIONS.absSendTime) : extensions;
}

/** Without MID and RID in the packets, layers could not be told apart (RFC 8853 section 5.5). */
function negotiateRids(section: RemoteSection, extensions: readonly NegotiatedExtension[]): RemoteRid[] {
  const uris = new Set(extensions.filter(({ direction }) => receives(direction)).map(({ uri }) => uri));
  if (!uris.has(HEADER_EXTENSIONS.mid) || !uris.has(HEADER_EXTENSIONS.rid)) return [];
  return (section.simulcast?.send ?? []).flatMap((id) => section.rids.find((rid) => rid.id === id) ?? []);
}

function unusedSection(section: RemoteSection): NegotiatedSection {
  const { index, kind, media, protocol, formats, mid, hasMid, sctpPort, maxMessageSize } = section;
  return { ...NOTHING_NEGOTIATED, index, kind, media, protocol, formats, mid, hasMid, sctpPort, maxMessageSize };
}
