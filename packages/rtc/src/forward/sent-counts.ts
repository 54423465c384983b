import type { OutboundTrackStats } from '@sluice/core';
import { RateMeter } from '../rtp/rate-meter.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';

/** What a viewer was sent on one m-line, and what it asked for there. */
export class SentCounts {
  packets = 0;
  /** Of payload. */
  bytes = 0;
  retransmissions = 0;
  nacks = 0;
  pictureLosses = 0;
  fullIntraRequests = 0;
  readonly #rate = new RateMeter();
  #frames = 0;
  #keyframes = 0;

  /** Counts a packet that was sent for the first time. */
  add(packet: RtpPacket, keyframe: boolean, now: number): void {
    this.packets++;
    this.bytes += packet.payloadLength;
    if (packet.marker) this.#frames++;
    if (keyframe) this.#keyframes++;
    this.#rate.add(packet.payloadLength, now);
  }

  /** Payload bit/s over the last second or so. */
  bitrate(now: number): number {
    return this.#rate.bitrate(now);
  }

  stats(now: number) {
    return {
      packetsSent: this.packets,
      bytesSent: this.bytes,
      framesSent: this.#frames,
      keyFramesSent: this.#keyframes,
      retransmittedPacketsSent: this.retransmissions,
      nackCount: this.nacks,
      pliCount: this.pictureLosses,
      firCount: this.fullIntraRequests,
      bitrate: this.bitrate(now),
    } satisfies Partial<OutboundTrackStats>;
  }
}
