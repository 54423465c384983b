import { MediaError } from '@sluice/core';

import { codecsMatch } from './codec-match.ts';
import { combineDirections } from './direction.ts';
import { NOTHING_NEGOTIATED } from './negotiate-section.ts';
import type { AnswerPlan, NegotiatedCodec, NegotiatedExtension, NegotiatedSection, OfferPlan } from './negotiated.ts';
import type { DtlsSetup, RemoteDescription, RemoteSection } from './remote-description.ts';

/**
 * What our offer and the peer's answer agree on (RFC 8829 section 5.10).
 * @throws MediaError ANSWER_MALFORMED when the answer does not fit the offer
 */
export function acceptAnswer(offer: OfferPlan, answer: RemoteDescription): AnswerPlan {
  if (answer.sections.length !== offer.sections.length) {
    throw malformed(`The offer has ${offer.sections.length} m-lines, the answer ${answer.sections.length}; they must be the same.`);
  }
  const sections = offer.sections.map((section, index) => acceptSection(section, answer.sections[index]));
  return {
    remote: { ice: answer.ice, fingerprints: answer.fingerprints, setup: answer.setup },
    setup: ownSetup(answer.setup),
    bundleMids: answer.bundleMids,
    extmapAllowMixed: answer.extmapAllowMixed,
    sections,
  };
}

function acceptSection(offered: NegotiatedSection, answered: RemoteSection | undefined): NegotiatedSection {
  if (answered?.media !== offered.media || answered.mid !== offered.mid) {
    throw malformed(`M-line ${offered.index} of the answer must be ${offered.media} with a=mid:${offered.mid}, as in the offer.`);
  }
  if (answered.rejected) return { ...offered, ...NOTHING_NEGOTIATED, rejected: true };
  const { sctpPort, maxMessageSize, reducedSizeRtcp } = answered;
  if (offered.kind === 'application') return { ...offered, sctpPort, maxMessageSize };
  return {
    ...offered,
    reducedSizeRtcp,
    direction: combineDirections(answered.direction, offered.direction),
    codecs: acceptCodecs(offered, answered),
    extensions: acceptExtensions(offered, answered),
    remoteSsrcs: answered.ssrcs,
  };
}

/** In the order of the answer, which is the peer's preference (RFC 3264 section 6.1). */
function acceptCodecs(offered: NegotiatedSection, answered: RemoteSection): NegotiatedCodec[] {
  const codecs = answered.codecs.flatMap((remote): NegotiatedCodec[] => {
    const own = offered.codecs.find((codec) => codec.payloadType === remote.payloadType && codecsMatch(codec.codec, remote.codec));
    if (!own) return [];
    const feedback = own.feedback.filter((value) => remote.feedback.includes(value));
    return [{ ...own, feedback, rtxPayloadType: own.rtxPayloadType === remote.rtxPayloadType ? own.rtxPayloadType : undefined }];
  });
  if (codecs.length === 0) throw malformed(`The answer accepts m-line ${offered.index} without any codec of the offer.`);
  return codecs;
}

function acceptExtensions(offered: NegotiatedSection, answered: RemoteSection): NegotiatedExtension[] {
  return offered.extensions.flatMap((own) => {
    const remote = answered.extensions.find((extension) => extension.id === own.id && extension.uri === own.uri);
    const direction = remote ? combineDirections(remote.direction, own.direction) : 'inactive';
    return direction === 'inactive' ? [] : [{ ...own, direction }];
  });
}

function ownSetup(remote: DtlsSetup): 'active' | 'passive' {
  if (remote === 'active') return 'passive';
  if (remote === 'passive') return 'active';
  throw malformed('An answer must choose a=setup:active or a=setup:passive (RFC 8842 section 5.3).');
}

function malformed(message: string): MediaError {
  return new MediaError('ANSWER_MALFORMED', message);
}
