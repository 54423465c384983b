import type { MediaTrack, RtpPacketCopy, Undo } from '@sluice/core';
import type { TrackReport } from './report.ts';

/** Counts the packets of one track. */
export class TrackCounter {
  /** Ends the counting. */
  readonly stop: Undo;
  readonly #track: MediaTrack;
  #packets = 0;
  #bytes = 0;
  #keyframes = 0;
  #keyframeTimestamp: number | undefined;

  constructor(track: MediaTrack) {
    this.#track = track;
    this.stop = track.onRtp((packet) => this.#count(packet));
  }

  report(): TrackReport {
    const { kind, codec } = this.#track;
    return { kind, codec: codec?.name, packets: this.#packets, bytes: this.#bytes, keyframes: this.#keyframes };
  }

  #count({ payload, keyframe, timestamp }: RtpPacketCopy): void {
    this.#packets += 1;
    this.#bytes += payload.byteLength;
    // One keyframe may begin in several packets, for example H264 parameter sets and slices.
    if (!keyframe || timestamp === this.#keyframeTimestamp) return;
    this.#keyframes += 1;
    this.#keyframeTimestamp = timestamp;
  }
}
