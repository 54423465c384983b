import { MediaError } from './errors.ts';
import type { ManagerLimits } from './manager-types.ts';
import { type SdpLine, splitSdpLines } from './sdp-lines.ts';

/** Attributes without which no WebRTC transport can start (RFC 8839 section 5.4, RFC 8122 section 5). */
const REQUIRED_ATTRIBUTES = ['ice-ufrag', 'ice-pwd', 'fingerprint'] as const;

/**
 * Checks the form of an SDP offer (RFC 8866), so that every plugin is given one worth parsing.
 * @throws MediaError OFFER_TOO_LARGE, OFFER_MALFORMED
 */
export function checkOffer(offer: string, limits: ManagerLimits): void {
  if (Buffer.byteLength(offer) > limits.maxOfferBytes) {
    throw new MediaError('OFFER_TOO_LARGE', `The offer is larger than the ${limits.maxOfferBytes} bytes that are allowed.`);
  }
  if (offer.trim() === '') throw malformed('it is empty. Send the SDP offer as the body of the request.');
  const lines = splitSdpLines(offer, { maxLines: limits.maxOfferLines, code: 'OFFER_MALFORMED' });
  const [first] = lines;
  if (first?.type !== 'v' || first.value !== '0') throw malformed('an SDP starts with the line v=0.');
  checkMediaSections(lines, limits.maxMediaSections);
  for (const attribute of REQUIRED_ATTRIBUTES) {
    // Anywhere will do: in a BUNDLE only one m-line needs them (RFC 9143 section 7.1.3).
    if (lines.some(({ type, value }) => type === 'a' && value.startsWith(`${attribute}:`))) continue;
    throw malformed(`it has no a=${attribute} line, which every WebRTC offer needs.`);
  }
}

/**
 * Checks size and beginning of an SDP answer; whether it fits the offer is for the session to say.
 * @throws MediaError ANSWER_MALFORMED
 */
export function checkAnswer(answer: string, limits: ManagerLimits): void {
  if (Buffer.byteLength(answer) > limits.maxOfferBytes) {
    throw new MediaError('ANSWER_MALFORMED', `The answer is larger than the ${limits.maxOfferBytes} bytes that are allowed.`);
  }
  const [first] = splitSdpLines(answer, { maxLines: limits.maxOfferLines, code: 'ANSWER_MALFORMED' });
  if (first?.type !== 'v' || first.value !== '0') throw new MediaError('ANSWER_MALFORMED', 'The answer cannot be used: an SDP starts with the line v=0.');
}

function checkMediaSections(lines: readonly SdpLine[], maxSections: number): void {
  const sections = lines.filter(({ type }) => type === 'm').length;
  if (sections === 0) throw malformed('it has no m-line, so there is nothing to negotiate.');
  if (sections > maxSections) throw malformed(`it has ${sections} m-lines; at most ${maxSections} are allowed.`);
}

function malformed(why: string): MediaError {
  return new MediaError('OFFER_MALFORMED', `The offer cannot be used: ${why}`);
}
