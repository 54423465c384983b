export { acceptAnswer } from './accept-answer.ts';
export { codecsMatch } from './codec-match.ts';
export { receives, sends } from './direction.ts';
export { DEFAULT_SDP_LIMITS, type SdpLimits } from './limits.ts';
export type {
  AnswerPlan,
  DescriptionPlan,
  NegotiatedCodec,
  NegotiatedExtension,
  NegotiatedSection,
  OfferPlan,
} from './negotiated.ts';
export { parseAnswer, parseOffer } from './parse-description.ts';
export { type PlanOptions, planAnswer } from './plan-answer.ts';
export { planOffer } from './plan-offer.ts';
export type {
  DtlsSetup,
  Fingerprint,
  IceCredentials,
  RemoteDescription,
  RemoteRid,
  RemoteSection,
  RemoteSsrc,
  RemoteTransport,
  SectionKind,
} from './remote-description.ts';
export { type LocalCandidate, type LocalDescription, type LocalSource, writeDescription } from './write-description.ts';
