/** Of a picture, in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Reads the keyframes of one codec out of RTP payloads, which lie in `packet` from `offset` to `end`. */
export interface KeyframeParser {
  /** Whether the payload carries the start of a keyframe, or what must come before one. */
  isKeyframe(packet: Buffer, offset: number, end: number): boolean;
  /** The picture size that the payload states. */
  frameSize(packet: Buffer, offset: number, end: number): FrameSize | undefined;
}
