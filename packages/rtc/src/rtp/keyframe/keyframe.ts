import { av1Keyframes } from './av1.ts';
import type { FrameSize, KeyframeParser } from './frame-size.ts';
import { h264Keyframes } from './h264.ts';
import { h265Keyframes } from './h265.ts';
import { vp8Keyframes } from './vp8.ts';
import { vp9Keyframes } from './vp9.ts';

const PARSERS: ReadonlyMap<string, KeyframeParser> = new Map([
  ['VP8', vp8Keyframes],
  ['VP9', vp9Keyframes],
  ['H264', h264Keyframes],
  ['H265', h265Keyframes],
  ['AV1', av1Keyframes],
]);

/**
 * Whether an RTP payload, `packet` from `offset` to `end`, carries the start of a keyframe.
 * @param codecName encoding name, in any case; false for a codec without keyframes or unknown to us
 */
export function isKeyframe(codecName: string, packet: Buffer, offset: number, end: number): boolean {
  return end <= packet.length && (parserOf(codecName)?.isKeyframe(packet, offset, end) ?? false);
}

/** The picture size that a keyframe's RTP payload states; undefined when this packet does not say it. */
export function keyframeSize(codecName: string, packet: Buffer, offset: number, end: number): FrameSize | undefined {
  return end <= packet.length ? parserOf(codecName)?.frameSize(packet, offset, end) : undefined;
}

/** Usual spelling first: changing the case makes a string, which every packet would pay. */
function parserOf(codecName: string): KeyframeParser | undefined {
  return PARSERS.get(codecName) ?? PARSERS.get(codecName.toUpperCase());
}
