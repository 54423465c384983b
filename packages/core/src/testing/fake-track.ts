import type { Undo } from '../clock.ts';
import type { Codec, LocalTrack, MediaKind, OutboundTrackStats, RtpPacketCopy, TrackStats } from '../media.ts';
import { Emitter } from './emitter.ts';

/** Codec of a fake track when a test names none. */
export const FAKE_CODECS: { readonly [K in MediaKind]: Codec } = {
  audio: { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} },
  video: { name: 'VP8', clockRate: 90_000, parameters: {} },
};

/** A track whose packets come from the test; it is a publisher's track and a local one alike. */
export class FakeTrack implements LocalTrack {
  readonly id: string;
  readonly kind: MediaKind;
  readonly codec: Codec;
  ended = false;
  keyframeRequests = 0;
  readonly written: RtpPacketCopy[] = [];
  readonly #rtp = new Emitter<[packet: RtpPacketCopy]>();
  readonly #ended = new Emitter<[]>();
  readonly #keyframeRequested = new Emitter<[]>();

  constructor(id: string, kind: MediaKind, codec: Codec = FAKE_CODECS[kind]) {
    this.id = id;
    this.kind = kind;
    this.codec = codec;
  }

  get codecs(): readonly Codec[] {
    return [this.codec];
  }

  write(packet: { readonly payload: Uint8Array; readonly timestamp: number; readonly marker: boolean }): void {
    const sequenceNumber = this.written.length % 2 ** 16;
    const copy = { ...packet, codec: this.codec, sequenceNumber, keyframe: false };
    this.written.push(copy);
    this.#rtp.emit(copy);
  }

  onRtp(listener: (packet: RtpPacketCopy) => void): Undo {
    return this.#rtp.on(listener);
  }

  onEnded(listener: () => void): Undo {
    return this.#ended.on(listener);
  }

  onKeyframeRequest(listener: () => void): Undo {
    return this.#keyframeRequested.on(listener);
  }

  requestKeyframe(): void {
    this.keyframeRequests += 1;
    this.#keyframeRequested.emit();
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#ended.emit();
  }

  stats(): TrackStats {
    const bytes = this.written.reduce((sum, packet) => sum + packet.payload.byteLength, 0);
    return { ...EMPTY_TRACK_STATS, packetsReceived: this.written.length, bytesReceived: bytes };
  }
}

/** Counters of a track that has carried nothing. */
export const EMPTY_TRACK_STATS: TrackStats = {
  packetsReceived: 0,
  bytesReceived: 0,
  packetsLost: 0,
  jitter: 0,
  framesReceived: 0,
  keyFramesReceived: 0,
  nackCount: 0,
  pliCount: 0,
  firCount: 0,
  retransmittedPacketsReceived: 0,
  bitrate: 0,
  layers: [],
  dropped: {},
};

/** Counters of an outbound track that has sent nothing. */
export const EMPTY_OUTBOUND_STATS: OutboundTrackStats = {
  packetsSent: 0,
  bytesSent: 0,
  framesSent: 0,
  keyFramesSent: 0,
  retransmittedPacketsSent: 0,
  nackCount: 0,
  pliCount: 0,
  firCount: 0,
  bitrate: 0,
  dropped: {},
  layerSwitches: 0,
};
