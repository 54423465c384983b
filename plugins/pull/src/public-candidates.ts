import { isPublicAddress, parseCandidate } from '@sluice/core';

const CANDIDATE_LINE = /^a=candidate:.*(?:\r\n|\r|\n)?/gim;

/** An SDP without those candidates that would have us send into a network that is not the internet. What is no candidate stays for others to refuse. */
export function withPublicCandidates(sdp: string): string {
  return sdp.replace(CANDIDATE_LINE, (line) => (isPublic(line) ? line : ''));
}

function isPublic(line: string): boolean {
  try {
    return isPublicAddress(parseCandidate(line).address);
  } catch {
    return true;
  }
}
