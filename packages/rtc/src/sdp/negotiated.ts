import type { BitrateHints, Codec, Direction } from '@sluice/core';

import type { DtlsSetup, RemoteRid, RemoteSection, RemoteSsrc, RemoteTransport } from './remote-description.ts';

/** A payload type that both sides agreed on. */
export interface NegotiatedCodec {
  readonly payloadType: number;
  /** With the format parameters that our own description says. */
  readonly codec: Codec;
  /** rtcp-fb values of both sides. */
  readonly feedback: readonly string[];
  readonly rtxPayloadType?: number | undefined;
}

/** A header extension that both sides agreed on. */
export interface NegotiatedExtension {
  readonly id: number;
  readonly uri: string;
  /** Ours. */
  readonly direction: Direction;
}

/** What was agreed on for one m-line. Of a rejected one, and of `application`, the lists are empty. */
export interface NegotiatedSection
  extends Pick<
    RemoteSection,
    'index' | 'kind' | 'media' | 'protocol' | 'formats' | 'mid' | 'hasMid' | 'rejected' | 'reducedSizeRtcp' | 'sctpPort' | 'maxMessageSize'
  > {
  /** Ours. */
  readonly direction: Direction;
  /** In our order of preference. */
  readonly codecs: readonly NegotiatedCodec[];
  readonly extensions: readonly NegotiatedExtension[];
  /** SSRCs that the peer announced; many peers announce none. */
  readonly remoteSsrcs: readonly RemoteSsrc[];
  /** Simulcast layers that we take, in the peer's order. */
  readonly rids: readonly RemoteRid[];
  /** Hints for a peer that sends video; undefined when it does not. */
  readonly bitrate: BitrateHints | undefined;
}

/** What our own description is written from. */
export interface DescriptionPlan {
  /** Ours. */
  readonly setup: DtlsSetup;
  /** mids of the m-lines that share the transport, in the order of the group; empty without BUNDLE. */
  readonly bundleMids: readonly string[];
  readonly extmapAllowMixed: boolean;
  readonly sections: readonly NegotiatedSection[];
}

/** What an offer and its answer agree on, whichever side made the answer. */
export interface AnswerPlan extends DescriptionPlan {
  readonly setup: 'active' | 'passive';
  readonly remote: RemoteTransport;
}

/** What we offer, before the peer has answered. */
export interface OfferPlan extends DescriptionPlan {
  readonly setup: 'actpass';
}
