import type { ReceivedStats } from '@sluice/core';

/** Over which pictures per second are counted. */
const WINDOW_MS = 1000;

/** What {@link PictureStatistics} says. */
export type PictureFigures = Pick<ReceivedStats, 'framesReceived' | 'framesPerSecond' | 'keyFramesReceived' | 'keyFrameDistance' | 'keyFrameInterval'>;

/** Counts the pictures of one RTP stream of video. Times are milliseconds of one monotonic clock. */
export class PictureStatistics {
  #frames = 0;
  #lastFrameAt = -Infinity;
  /** Of the last full window. */
  #framesPerSecond: number | undefined;
  #windowStart = 0;
  #framesAtWindowStart = 0;
  #keyframes = 0;
  #keyframeTimestamp = -1;
  #keyframeAt = 0;
  #framesAtKeyframe = 0;
  #distance: number | undefined;
  #intervalMs: number | undefined;

  onPacket(packet: { readonly marker: boolean; readonly timestamp: number }, keyframe: boolean, now: number): void {
    // One H264 keyframe begins in several packets: parameter sets and slices.
    if (keyframe && packet.timestamp !== this.#keyframeTimestamp) this.#onKeyframe(packet.timestamp, now);
    if (packet.marker) this.#onFrame(now);
  }

  figures(now: number): PictureFigures {
    return {
      framesReceived: this.#frames,
      framesPerSecond: now - this.#lastFrameAt > WINDOW_MS ? 0 : this.#framesPerSecond,
      keyFramesReceived: this.#keyframes,
      keyFrameDistance: this.#distance,
      keyFrameInterval: this.#intervalMs === undefined ? undefined : this.#intervalMs / 1000,
    };
  }

  #onFrame(now: number): void {
    this.#frames++;
    const wasSilent = now - this.#lastFrameAt > WINDOW_MS;
    this.#lastFrameAt = now;
    const elapsed = now - this.#windowStart;
    if (wasSilent) this.#framesPerSecond = undefined;
    else if (elapsed < WINDOW_MS) return;
    else this.#framesPerSecond = ((this.#frames - this.#framesAtWindowStart) * 1000) / elapsed;
    this.#windowStart = now;
    this.#framesAtWindowStart = this.#frames;
  }

  #onKeyframe(timestamp: number, now: number): void {
    if (this.#keyframes > 0) {
      this.#distance = this.#frames - this.#framesAtKeyframe;
      this.#intervalMs = now - this.#keyframeAt;
    }
    this.#keyframes++;
    this.#keyframeTimestamp = timestamp;
    this.#keyframeAt = now;
    this.#framesAtKeyframe = this.#frames;
  }
}
