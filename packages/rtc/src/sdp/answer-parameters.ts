import type { Codec } from '@sluice/core';

import { isRed } from './red.ts';
import { lowerH264Level } from './h264-profile.ts';

/** What an answer repeats from the offer. Other parameters speak of the peer's own stream or decoder. */
const REPEATED_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  // RFC 7587 section 7: what we like to receive; we take anything, so the peer's own wish stands.
  opus: ['minptime', 'useinbandfec', 'stereo'],
  h264: ['level-asymmetry-allowed', 'packetization-mode'],
  h265: ['profile-space', 'profile-id', 'tier-flag', 'level-id', 'tx-mode'],
  vp9: ['profile-id'],
  av1: ['profile', 'level-idx', 'tier'],
};

/**
 * Format parameters that answer those of `offered`.
 * @param ownProfileLevelId the H264 level that we are held to; the offered one when undefined
 */
export function answerParameters(offered: Codec, ownProfileLevelId: string | undefined): Readonly<Record<string, string>> {
  const name = offered.name.toLowerCase();
  // The payload types of the blocks, which are the peer's.
  if (isRed(offered)) return offered.parameters;
  const repeated = (REPEATED_PARAMETERS[name] ?? []).flatMap((key): [string, string][] => {
    const value = offered.parameters[key];
    return value === undefined ? [] : [[key, value]];
  });
  const profileLevelId = name === 'h264' ? answerProfileLevelId(offered, ownProfileLevelId) : undefined;
  return Object.fromEntries(profileLevelId === undefined ? repeated : [...repeated, ['profile-level-id', profileLevelId]]);
}

/** Without asymmetry both directions share the lower of both levels (RFC 6184 section 8.2.2). */
function answerProfileLevelId(offered: Codec, own: string | undefined): string | undefined {
  const theirs = offered.parameters['profile-level-id'];
  if (theirs === undefined || own === undefined) return theirs;
  return offered.parameters['level-asymmetry-allowed'] === '1' ? own : lowerH264Level(own, theirs);
}
