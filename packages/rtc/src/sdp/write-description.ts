import type { BitrateHints, Codec, IceCredentials, RemoteCandidate } from '@sluice/core';

import { sends } from './direction.ts';
import type { DescriptionPlan, NegotiatedCodec, NegotiatedSection } from './negotiated.ts';
import { LEGACY_DATA_PROTOCOL, type Fingerprint } from './remote-description.ts';

/** A host candidate of ours; over TCP we are the passive side (RFC 6544 section 4.5). */
export interface LocalCandidate {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly priority: number;
  readonly foundation: string;
}

/** What we send on one m-line. */
export interface LocalSource {
  readonly ssrc: number;
  /** Not announced when no retransmission was negotiated. */
  readonly rtxSsrc?: number | undefined;
  readonly trackLabel: string;
}

/** Our side of the transport. */
export interface LocalDescription {
  /** Of the `o=` line: a positive number of 63 bits, in decimal (RFC 8829 section 5.2.1). */
  readonly sessionId: string;
  readonly ice: IceCredentials;
  /** Whether we only answer checks. Default true. */
  readonly iceLite?: boolean | undefined;
  readonly fingerprint: Fingerprint;
  readonly candidates: readonly LocalCandidate[];
  /** msid of all media that we send (RFC 8830); players take one label for one stream. */
  readonly streamLabel: string;
  readonly cname: string;
  /** By m-line index, for each m-line on which we send. */
  readonly outbound: ReadonlyMap<number, LocalSource>;
  /** Bytes; default 262,144. */
  readonly maxMessageSize?: number | undefined;
}

const SCTP_PORT = 5000;
const MAX_SCTP_STREAMS = 65_535;
const DEFAULT_MAX_MESSAGE_SIZE = 262_144;

/** Writes our offer or answer. */
export function writeDescription(plan: DescriptionPlan, local: LocalDescription): string {
  const tagged = taggedSection(plan);
  const lines = [
    'v=0',
    `o=- ${local.sessionId} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(local.iceLite === false ? [] : ['a=ice-lite']),
    ...(plan.bundleMids.length > 0 ? [`a=group:BUNDLE ${plan.bundleMids.join(' ')}`] : []),
    ...(plan.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    ...plan.sections.flatMap((section) => {
      if (section.rejected) return rejectedLines(section);
      return [...transportLines(section, plan, local), ...(section === tagged ? candidateLines(local) : []), ...contentLines(section, local)];
    }),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Our candidates as a trickle carries them, complete with end-of-candidates (RFC 8840 section 9). */
export function trickledCandidates(plan: DescriptionPlan, candidates: readonly LocalCandidate[]): RemoteCandidate[] {
  const tagged = taggedSection(plan);
  const mid = tagged?.hasMid ? tagged.mid : undefined;
  return [...candidates.map(candidateValue), ''].map((candidate) => ({ candidate, mid }));
}

/** The m-line that names the transport of all (RFC 9143 section 7.1.3); candidates stand there and nowhere else. */
function taggedSection(plan: DescriptionPlan): NegotiatedSection | undefined {
  const accepted = plan.sections.filter((section) => !section.rejected);
  return accepted.find((section) => section.mid === plan.bundleMids[0]) ?? accepted[0];
}

/** What stands behind `a=candidate:` (RFC 8839 section 5.1). */
function candidateValue({ foundation, protocol, priority, address, port }: LocalCandidate): string {
  return `${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host${protocol === 'tcp' ? ' tcptype passive' : ''}`;
}

function rejectedLines(section: NegotiatedSection): string[] {
  return [
    `m=${section.media} 0 ${section.protocol} ${section.formats[0] ?? '0'}`,
    'c=IN IP4 0.0.0.0',
    ...midLine(section),
    'a=inactive',
  ];
}

function transportLines(section: NegotiatedSection, plan: DescriptionPlan, local: LocalDescription): string[] {
  return [
    `m=${section.media} 9 ${section.protocol} ${formatsOf(section).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...midLine(section),
    `a=ice-ufrag:${local.ice.usernameFragment}`,
    `a=ice-pwd:${local.ice.password}`,
    'a=ice-options:ice2 trickle',
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    `a=setup:${plan.setup}`,
  ];
}

function candidateLines(local: LocalDescription): string[] {
  return [...local.candidates.map((candidate) => `a=candidate:${candidateValue(candidate)}`), 'a=end-of-candidates'];
}

function contentLines(section: NegotiatedSection, local: LocalDescription): string[] {
  if (section.kind === 'application') {
    const legacy = section.protocol === LEGACY_DATA_PROTOCOL;
    const port = legacy ? `a=sctpmap:${SCTP_PORT} webrtc-datachannel ${MAX_SCTP_STREAMS}` : `a=sctp-port:${SCTP_PORT}`;
    return [port, `a=max-message-size:${local.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE}`];
  }
  return [
    `a=${section.direction}`,
    'a=rtcp-mux',
    'a=rtcp-mux-only',
    ...(section.reducedSizeRtcp ? ['a=rtcp-rsize'] : []),
    ...section.extensions.map(({ id, uri, direction }) => `a=extmap:${id}${direction === 'sendrecv' ? '' : `/${direction}`} ${uri}`),
    ...section.codecs.flatMap((codec) => codecLines(codec, section.bitrate)),
    ...simulcastLines(section),
    ...sourceLines(section, local),
  ];
}

function codecLines({ payloadType, rtxPayloadType, codec, feedback }: NegotiatedCodec, bitrate: BitrateHints | undefined): string[] {
  const parameters = [...Object.entries(codec.parameters), ...bitrateParameters(bitrate)].map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  return [
    `a=rtpmap:${payloadType} ${rtpMap(codec)}`,
    ...feedback.map((value) => `a=rtcp-fb:${payloadType} ${value}`),
    ...(parameters.length > 0 ? [`a=fmtp:${payloadType} ${parameters.join(';')}`] : []),
    ...(rtxPayloadType === undefined ? [] : [`a=rtpmap:${rtxPayloadType} rtx/${codec.clockRate}`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`]),
  ];
}

function rtpMap(codec: Codec): string {
  return `${codec.name}/${codec.clockRate}${codec.channels === undefined ? '' : `/${codec.channels}`}`;
}

/** Chromium starts near 300 kbit/s without a hint, and reads it from each codec. */
function bitrateParameters(bitrate: BitrateHints | undefined): [string, string][] {
  const hints = { start: bitrate?.startKbps, min: bitrate?.minKbps, max: bitrate?.maxKbps };
  return Object.entries(hints).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[`x-google-${name}-bitrate`, String(value)]]));
}

function simulcastLines({ rids }: NegotiatedSection): string[] {
  if (rids.length === 0) return [];
  const lines = rids.map(({ id, restrictions }) => `a=rid:${id} recv${restrictions === '' ? '' : ` ${restrictions}`}`);
  return [...lines, `a=simulcast:recv ${rids.map(({ id }) => id).join(';')}`];
}

/** Only where we send: old libwebrtc refuses a=ssrc in a recvonly m-line. */
function sourceLines(section: NegotiatedSection, local: LocalDescription): string[] {
  const source = sends(section.direction) ? local.outbound.get(section.index) : undefined;
  if (!source) return [];
  const { ssrc, trackLabel } = source;
  const rtxSsrc = section.codecs.some((codec) => codec.rtxPayloadType !== undefined) ? source.rtxSsrc : undefined;
  return [
    `a=msid:${local.streamLabel} ${trackLabel}`,
    ...(rtxSsrc === undefined ? [] : [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`]),
    `a=ssrc:${ssrc} cname:${local.cname}`,
    ...(rtxSsrc === undefined ? [] : [`a=ssrc:${rtxSsrc} cname:${local.cname}`]),
  ];
}

function formatsOf(section: NegotiatedSection): readonly (string | number)[] {
  if (section.kind === 'application') return section.protocol === LEGACY_DATA_PROTOCOL ? [SCTP_PORT] : section.formats;
  return section.codecs.flatMap(({ payloadType, rtxPayloadType }) => (rtxPayloadType === undefined ? [payloadType] : [payloadType, rtxPayloadType]));
}

function midLine(section: NegotiatedSection): string[] {
  return section.hasMid ? [`a=mid:${section.mid}`] : [];
}
