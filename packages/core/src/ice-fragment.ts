import { MediaError } from './errors.ts';
import { isIcePassword, isUsernameFragment, parseCandidate } from './ice-candidate.ts';
import type { IceFragment, RemoteCandidate } from './media.ts';
import { quoteSdp, splitSdpLines } from './sdp-lines.ts';

/** Limits of {@link parseIceFragment}. */
export interface IceFragmentLimits {
  /** Characters of the whole body. Default 65,536. */
  readonly maxLength: number;
  /** Default 1,000. */
  readonly maxLines: number;
  /** Candidates, end-of-candidates counted too. Default 200. */
  readonly maxCandidates: number;
}

const DEFAULT_LIMITS: IceFragmentLimits = { maxLength: 65_536, maxLines: 1000, maxCandidates: 200 };

/**
 * Parses the body of type `application/trickle-ice-sdpfrag` (RFC 8840 section 9).
 * Credentials may stand before the first m-line or in each of them; fields that it does not know are ignored.
 * @throws MediaError CANDIDATE_MALFORMED
 */
export function parseIceFragment(body: string, limits: Partial<IceFragmentLimits> = {}): IceFragment {
  const { maxLength, maxLines, maxCandidates } = { ...DEFAULT_LIMITS, ...limits };
  if (body.length > maxLength) throw malformed(`the ICE fragment is longer than ${maxLength} characters`);
  const lines = splitSdpLines(body, { maxLines, code: 'CANDIDATE_MALFORMED' });
  if (lines.length === 0) throw malformed('the ICE fragment is empty');

  const candidates: { candidate: string; section: FragmentSection }[] = [];
  const credentials: { usernameFragment?: string; password?: string } = {};
  let section: FragmentSection = { mid: undefined };
  for (const { type, value } of lines) {
    if (type === 'm') section = { mid: undefined };
    if (type !== 'a') continue;
    const colon = value.indexOf(':');
    const name = colon < 0 ? value : value.slice(0, colon);
    const content = colon < 0 ? '' : value.slice(colon + 1).trim();
    if (name === 'mid') section.mid = content;
    if (name === 'ice-ufrag') credentials.usernameFragment = sameAs(credentials.usernameFragment, name, content);
    if (name === 'ice-pwd') credentials.password = sameAs(credentials.password, name, content);
    if (name === 'candidate') parseCandidate(content);
    if (name === 'candidate' || name === 'end-of-candidates') candidates.push({ candidate: content, section });
    if (candidates.length > maxCandidates) throw malformed(`the ICE fragment has more than ${maxCandidates} candidates`);
  }
  checkCredentials(credentials);
  return { ...credentials, candidates: candidates.map(toRemoteCandidate) };
}

/**
 * Writes a body of type `application/trickle-ice-sdpfrag`, which {@link parseIceFragment} reads back.
 * @param fragment candidates of one m-line stand together
 */
export function writeIceFragment(fragment: IceFragment): string {
  const { usernameFragment, password, candidates } = fragment;
  const lines = [
    ...(usernameFragment === undefined ? [] : [`a=ice-ufrag:${usernameFragment}`]),
    ...(password === undefined ? [] : [`a=ice-pwd:${password}`]),
    ...candidates.flatMap(({ mid, candidate }, index) => [
      ...(index > 0 && candidates[index - 1]?.mid === mid ? [] : sectionLines(mid)),
      candidate === '' ? 'a=end-of-candidates' : `a=candidate:${candidate}`,
    ]),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Of a pseudo m-line only `a=mid` is read (RFC 8840 section 9). */
function sectionLines(mid: string | undefined): string[] {
  return ['m=audio 9 UDP/TLS/RTP/SAVPF 0', ...(mid === undefined ? [] : [`a=mid:${mid}`])];
}

/** `a=mid` may stand below the candidates of its m-line. */
interface FragmentSection {
  mid: string | undefined;
}

function toRemoteCandidate(entry: { candidate: string; section: FragmentSection }): RemoteCandidate {
  return { candidate: entry.candidate, mid: entry.section.mid };
}

/** A fragment is about one ICE generation (RFC 8840 section 4.4), so a repeated value must be the same. */
function sameAs(before: string | undefined, name: string, value: string): string {
  if (before !== undefined && before !== value) throw malformed(`the ICE fragment has two different values of ${name}`);
  return value;
}

function checkCredentials(credentials: { usernameFragment?: string; password?: string }): void {
  const { usernameFragment, password } = credentials;
  if (usernameFragment !== undefined && !isUsernameFragment(usernameFragment)) {
    throw malformed(`ice-ufrag must be 4 to 256 ICE characters, got ${quoteSdp(usernameFragment)}`);
  }
  if (password !== undefined && !isIcePassword(password)) throw malformed('ice-pwd must be 22 to 256 ICE characters');
  if (password !== undefined && usernameFragment === undefined) throw malformed('ice-pwd came without ice-ufrag');
}

function malformed(what: string): MediaError {
  return new MediaError('CANDIDATE_MALFORMED', `${what.charAt(0).toUpperCase()}${what.slice(1)}.`);
}
