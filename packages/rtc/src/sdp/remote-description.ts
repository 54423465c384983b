import type { Codec, Direction, IceCandidate, IceCredentials } from '@sluice/core';

/** Hash of a DTLS certificate (RFC 8122 section 5). */
export interface Fingerprint {
  /** `sha-256`, `sha-384` or `sha-512`. */
  readonly algorithm: string;
  /** Upper case hex octets with colons between them. */
  readonly value: string;
}

/** Role in the DTLS handshake (RFC 8842 section 5): `active` sends the ClientHello. */
export type DtlsSetup = 'actpass' | 'active' | 'passive';

/** How to reach and recognise the peer. */
export interface RemoteTransport {
  readonly ice: IceCredentials;
  /** At least one. */
  readonly fingerprints: readonly Fingerprint[];
  readonly setup: DtlsSetup;
}

/** `other` stands for what we always reject, such as `m=text`. */
export type SectionKind = 'audio' | 'video' | 'application' | 'other';

/** Protocol of data channels before RFC 8841 (draft-ietf-mmusic-sctp-sdp-05): port in the m-line, `a=sctpmap`. */
export const LEGACY_DATA_PROTOCOL = 'DTLS/SCTP';

/** One payload type of a peer; its retransmissions are part of it. */
export interface RemoteCodec {
  /** 0 to 63 or 96 to 127. */
  readonly payloadType: number;
  /** `red`, `ulpfec` and their like stand here as codecs too. */
  readonly codec: Codec;
  /** rtcp-fb values, for example `nack pli`. */
  readonly feedback: readonly string[];
  /** Payload type of the retransmissions (RFC 4588). */
  readonly rtxPayloadType?: number | undefined;
}

/** A header extension (RFC 8285) of a peer. */
export interface RemoteExtension {
  /** 1 to 255. */
  readonly id: number;
  readonly uri: string;
  /** Direction as the peer says it. */
  readonly direction: Direction;
}

/** A media SSRC that a peer announced (RFC 5576); that of its retransmissions is part of it. */
export interface RemoteSsrc {
  readonly ssrc: number;
  readonly rtxSsrc?: number | undefined;
  readonly cname?: string | undefined;
}

/** A restriction identifier: names one simulcast layer (RFC 8851). */
export interface RemoteRid {
  readonly id: string;
  readonly direction: 'send' | 'recv';
  /** What stands behind the direction, for example `max-width=640`; empty for most. */
  readonly restrictions: string;
}

/** RIDs in the order of `a=simulcast` (RFC 8853); of alternatives the first. */
export interface RemoteSimulcast {
  readonly send: readonly string[];
  readonly receive: readonly string[];
}

/** Labels of the peer's stream and track (RFC 8830). */
export interface MediaStreamId {
  /** Undefined for `-`, a track without a stream. */
  readonly stream: string | undefined;
  readonly track: string | undefined;
}

/** One checked m-line with its attributes. Of a rejected one only what the answer must repeat is filled in. */
export interface RemoteSection {
  readonly index: number;
  readonly kind: SectionKind;
  /** The media type as it stands in the m-line. */
  readonly media: string;
  readonly protocol: string;
  /** The formats as they stand in the m-line. */
  readonly formats: readonly string[];
  /** The index when the peer sent none. */
  readonly mid: string;
  /** False when {@link mid} is our own invention, which the answer must not show. */
  readonly hasMid: boolean;
  /** Port 0 without `a=bundle-only` (RFC 9143 section 6). */
  readonly rejected: boolean;
  /** Direction as the peer says it. */
  readonly direction: Direction;
  /** Undefined when it is that of the BUNDLE (RFC 9143 section 7.1.3). */
  readonly transport: RemoteTransport | undefined;
  readonly codecs: readonly RemoteCodec[];
  readonly extensions: readonly RemoteExtension[];
  readonly ssrcs: readonly RemoteSsrc[];
  readonly rids: readonly RemoteRid[];
  readonly simulcast: RemoteSimulcast | undefined;
  readonly msid: MediaStreamId | undefined;
  readonly rtcpMux: boolean;
  readonly reducedSizeRtcp: boolean;
  readonly candidates: readonly IceCandidate[];
  /** Data channels only; 5000 when the peer does not say. */
  readonly sctpPort: number;
  /** Bytes; 0 = any size; 65,536 when the peer does not say (RFC 8841 section 6.1). Data channels only. */
  readonly maxMessageSize: number;
}

/** A peer's offer or answer, checked. */
export interface RemoteDescription extends RemoteTransport {
  readonly iceLite: boolean;
  /** mids of the BUNDLE group in its order; empty without BUNDLE. */
  readonly bundleMids: readonly string[];
  /** One-byte and two-byte header extensions may be mixed (RFC 8285 section 6). */
  readonly extmapAllowMixed: boolean;
  readonly sections: readonly RemoteSection[];
}
