import type { Codec, CodecCapability } from '@sluice/core';

import { decodesH264, h264Profile } from './h264-profile.ts';
import { haveSameBlocks, isRed, redPrimary } from './red.ts';

type Parameters = Readonly<Record<string, string>>;

/** The parameters that make two streams of one codec incompatible, with what their absence means. */
const DEFINING_PARAMETERS: Readonly<Record<string, Parameters>> = {
  // RFC 6184 section 8.1 infers Baseline 1.0 from silence; browsers, and those who omit it, mean Constrained Baseline.
  h264: { 'packetization-mode': '0', 'profile-level-id': '42e01f' },
  // RFC 7798 section 7.1.
  h265: { 'profile-space': '0', 'profile-id': '1', 'tier-flag': '0', 'tx-mode': 'SRST' },
  // RFC 9628 section 6.1.
  vp9: { 'profile-id': '0' },
  // AV1 RTP payload specification, section 7.2.1.
  av1: { profile: '0' },
};

/**
 * Whether packets of `a` can go to a peer that takes `b`. Levels do not count: they say how much
 * a decoder takes, not what the packets look like.
 */
export function codecsMatch(a: Codec, b: Codec): boolean {
  if (!namesMatch(a, b) || a.clockRate !== b.clockRate || (a.channels ?? 1) !== (b.channels ?? 1)) return false;
  return Object.keys(definingParameters(a)).every((key) => parameterOf(a, key) === parameterOf(b, key));
}

/** Whether a peer that takes `taken` decodes `sent` too, though it is another profile of H264. */
export function decodes(taken: Codec, sent: Codec): boolean {
  return haveSameFormat(taken, sent) && decodesH264(profileLevelIdOf(taken), profileLevelIdOf(sent));
}

/**
 * What `sent` goes to a peer as: the very codec, else one whose decoder takes it, else H264 of the same packet format: a stream
 * may say only in its packets that its profile is another one than was agreed on, and many decoders take it all the same.
 */
export function codecToSendAs<T extends { readonly codec: Codec }>(agreed: readonly T[], sent: Codec): T | undefined {
  if (isRed(sent)) return redToSendAs(agreed, sent);
  return (
    agreed.find(({ codec }) => codecsMatch(codec, sent)) ??
    agreed.find(({ codec }) => decodes(codec, sent)) ??
    agreed.find(({ codec }) => haveSameFormat(codec, sent))
  );
}

/** As it is, or else its primary alone. */
function redToSendAs<T extends { readonly codec: Codec }>(agreed: readonly T[], sent: Codec): T | undefined {
  const primary = redPrimary(sent);
  return agreed.find(({ codec }) => isRed(codec) && haveSameBlocks(codec, sent)) ?? agreed.find(({ codec }) => codecsMatch(codec, primary));
}

/** H264 whose packets look the same. */
function haveSameFormat(a: Codec, b: Codec): boolean {
  return a.name.toLowerCase() === 'h264' && namesMatch(a, b) && parameterOf(a, 'packetization-mode') === parameterOf(b, 'packetization-mode');
}

function profileLevelIdOf(codec: Codec): string {
  return codec.parameters['profile-level-id'] ?? definingParameters(codec)['profile-level-id'] ?? '';
}

/** Whether `codec` is one of those that `capability` stands for. */
export function matchesCapability(capability: CodecCapability, codec: Codec): boolean {
  if (!namesMatch(capability, codec)) return false;
  if (capability.clockRate !== undefined && capability.clockRate !== codec.clockRate) return false;
  const asked = { name: capability.name, parameters: capability.parameters ?? {} };
  return Object.keys(asked.parameters).every((key) => parameterOf(asked, key) === parameterOf(codec, key));
}

function namesMatch(a: { readonly name: string }, b: { readonly name: string }): boolean {
  return a.name.toLowerCase() === b.name.toLowerCase();
}

function definingParameters(codec: { readonly name: string }): Parameters {
  return DEFINING_PARAMETERS[codec.name.toLowerCase()] ?? {};
}

/** The value in a form in which equal means compatible. */
function parameterOf(codec: { readonly name: string; readonly parameters: Parameters }, key: string): string | undefined {
  const value = codec.parameters[key] ?? definingParameters(codec)[key];
  return key === 'profile-level-id' && value !== undefined ? h264Profile(value) : value?.toLowerCase();
}
