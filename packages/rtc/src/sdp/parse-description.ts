import { MediaError, splitSdpLines } from '@sluice/core';

import { groupLines } from './attributes.ts';
import { bundleTransport, checkBundle, parseBundle } from './bundle.ts';
import { DEFAULT_SDP_LIMITS, type SdpLimits } from './limits.ts';
import { answerContext, offerContext, type ParseContext } from './parse-context.ts';
import { parseSection } from './parse-section.ts';
import type { RemoteDescription } from './remote-description.ts';

/**
 * Parses and checks an SDP offer (RFC 8866, RFC 8829 section 5.8).
 * @throws MediaError OFFER_TOO_LARGE, OFFER_MALFORMED, OFFER_UNACCEPTABLE
 */
export function parseOffer(sdp: string, limits: Partial<SdpLimits> = {}): RemoteDescription {
  const context = offerContext({ ...DEFAULT_SDP_LIMITS, ...limits });
  if (sdp.length > context.limits.maxLength) {
    throw new MediaError('OFFER_TOO_LARGE', `The offer is longer than ${context.limits.maxLength} characters.`);
  }
  return parseDescription(sdp, context);
}

/**
 * Parses and checks an SDP answer. Whether it fits our offer is for `acceptAnswer` to say.
 * @throws MediaError ANSWER_MALFORMED
 */
export function parseAnswer(sdp: string, limits: Partial<SdpLimits> = {}): RemoteDescription {
  const context = answerContext({ ...DEFAULT_SDP_LIMITS, ...limits });
  if (sdp.length > context.limits.maxLength) {
    throw context.malformed(`The answer is longer than ${context.limits.maxLength} characters.`);
  }
  return parseDescription(sdp, context);
}

function parseDescription(sdp: string, context: ParseContext): RemoteDescription {
  const { maxLines, maxSections } = context.limits;
  const lines = splitSdpLines(sdp, { maxLines, code: context.malformedCode });
  if (lines[0]?.type !== 'v' || lines[0].value !== '0') throw context.malformed('This is not SDP: the first line must be "v=0".');
  const { session, media } = groupLines(lines);
  if (media.length === 0) throw context.malformed('The SDP has no m-line, so there is nothing to negotiate.');
  if (media.length > maxSections) throw context.malformed(`The SDP has ${media.length} m-lines; at most ${maxSections} are taken.`);

  const sections = media.map((block, index) => parseSection(block, index, session, context));
  if (new Set(sections.map((section) => section.mid)).size < sections.length) throw context.malformed('Two m-lines have the same a=mid.');
  const active = sections.filter((section) => !section.rejected && section.kind !== 'other');
  if (active.length === 0) throw context.unacceptable('The SDP has no audio, video or data m-line in use.');

  const bundleMids = parseBundle(session, sections, context);
  checkBundle(active, bundleMids, context);
  return {
    ...bundleTransport(active, bundleMids, context),
    iceLite: session.has('ice-lite'),
    bundleMids,
    extmapAllowMixed: session.has('extmap-allow-mixed') || media.every((block) => block.attributes.has('extmap-allow-mixed')),
    sections,
  };
}
