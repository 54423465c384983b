import { splitSdpLines } from '@sluice/core';

/** `candidate` of an ice-candidate message, as `RTCIceCandidate.toJSON()` has it. */
export interface CandidateBody {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
  readonly usernameFragment: string;
}

/** Far more than a description of ours has. */
const MAX_LINES = 10_000;

/** The candidates that stand in a description of ours, for clients that wait for them one by one. */
export function candidatesOf(sdp: string): readonly CandidateBody[] {
  const candidates: Omit<CandidateBody, 'usernameFragment'>[] = [];
  let sdpMid = '';
  let sdpMLineIndex = -1;
  let usernameFragment = '';
  for (const { type, value } of splitSdpLines(sdp, { maxLines: MAX_LINES, code: 'INTERNAL' })) {
    if (type === 'm') sdpMLineIndex += 1;
    if (value.startsWith('mid:')) sdpMid = value.slice('mid:'.length);
    if (value.startsWith('ice-ufrag:')) usernameFragment = value.slice('ice-ufrag:'.length);
    if (value.startsWith('candidate:')) candidates.push({ candidate: value, sdpMid, sdpMLineIndex });
  }
  return candidates.map((candidate) => ({ ...candidate, usernameFragment }));
}
