import type { Codec } from '@sluice/core';
import { packetizeAv1 } from './av1.ts';
import { packetizeVp8 } from './vp8.ts';
import { packetizeVp9, vp9Profile } from './vp9.ts';

/** RTP clock rate of every video codec here. */
const VIDEO_CLOCK_RATE = 90_000;

/** What a track of this codec is called, by its encoding name and first frame. */
export function videoCodecOf(name: string, firstFrame: Uint8Array): Codec {
  const parameters: Record<string, string> = name === 'VP9' ? { 'profile-id': String(vp9Profile(firstFrame)) } : {};
  return { name, clockRate: VIDEO_CLOCK_RATE, parameters };
}

/**
 * Cuts a frame into RTP payloads.
 * @param pictureId counts frames
 * @returns undefined when the frame cannot be cut
 */
export function packetize(name: string, frame: Uint8Array, pictureId: number, maxPayloadBytes: number): Uint8Array[] | undefined {
  if (name === 'VP8') return packetizeVp8(frame, pictureId, maxPayloadBytes);
  return name === 'VP9' ? packetizeVp9(frame, pictureId, maxPayloadBytes) : packetizeAv1(frame, maxPayloadBytes);
}
