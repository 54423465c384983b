import { randomBytes } from 'node:crypto';

export const FRAMES_PER_SECOND = 30;
const CLOCK_RATE = 90_000;
/** One keyframe a second, so that a viewer who has just come need not ask for one. */
const KEYFRAME_INTERVAL = FRAMES_PER_SECOND;

/** Where a packet stands in the stream. */
export interface FramePosition {
  /** RTP timestamp, from 0. */
  readonly timestamp: number;
  readonly keyframe: boolean;
  readonly first: boolean;
  readonly last: boolean;
}

/** Spreads `packetsPerSecond` evenly over 30 frames a second. */
export function positionOf(packetIndex: number, packetsPerSecond: number): FramePosition {
  const frame = frameOf(packetIndex, packetsPerSecond);
  return {
    timestamp: (frame * (CLOCK_RATE / FRAMES_PER_SECOND)) % 2 ** 32,
    keyframe: frame % KEYFRAME_INTERVAL === 0,
    first: packetIndex === 0 || frameOf(packetIndex - 1, packetsPerSecond) !== frame,
    last: frameOf(packetIndex + 1, packetsPerSecond) !== frame,
  };
}

/** How many packets come before this frame. */
export function packetsBefore(frame: number, packetsPerSecond: number): number {
  return Math.ceil((frame * packetsPerSecond) / FRAMES_PER_SECOND);
}

function frameOf(packetIndex: number, packetsPerSecond: number): number {
  return Math.floor((packetIndex * FRAMES_PER_SECOND) / packetsPerSecond);
}

/** VP8 payloads (RFC 7741 sections 4.2, 4.3) of one length: true headers, then noise. */
export class Vp8Payloads {
  readonly #keyframe: Buffer;
  readonly #delta: Buffer;
  readonly #continuation: Buffer;

  /** @param length bytes, at least 11 */
  constructor(length: number) {
    // S bit; frame tag with P = 0; start code; 640 × 480.
    this.#keyframe = payload(length, [0x10, 0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
    this.#delta = payload(length, [0x10, 0x11, 0x00, 0x00]);
    this.#continuation = payload(length, [0x00]);
  }

  of({ first, keyframe }: FramePosition): Buffer {
    if (!first) return this.#continuation;
    return keyframe ? this.#keyframe : this.#delta;
  }
}

function payload(length: number, header: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(header), randomBytes(length - header.length)]);
}
