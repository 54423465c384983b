import { HEADER_EXTENSIONS } from '@sluice/core';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { InboundTrack } from './inbound-track.ts';

/** An authenticated peer that invents SSRCs without end is remembered only so far. */
const MAX_LEARNED_SSRCS = 256;

/** Finds the m-line of a packet: by SSRC, then MID, then payload type (RFC 8843 section 9.2). */
export class InboundDemux {
  readonly #tracks: readonly InboundTrack[];
  readonly #midId: number;
  readonly #bySsrc = new Map<number, InboundTrack>();

  constructor(tracks: readonly InboundTrack[]) {
    this.#tracks = tracks;
    // One id means the same extension in all of a BUNDLE (RFC 8843 section 9.1).
    const mid = tracks.flatMap((track) => track.extensions).find((extension) => extension.uri === HEADER_EXTENSIONS.mid);
    this.#midId = mid?.id ?? 0;
    for (const track of tracks) {
      for (const ssrc of track.signalledSsrcs) this.#bySsrc.set(ssrc, track);
    }
  }

  find(packet: RtpPacket): InboundTrack | undefined {
    const known = this.#bySsrc.get(packet.ssrc);
    if (known) return known;
    const track = this.#byMid(packet) ?? this.#byPayloadType(packet.payloadType);
    if (track) this.#learn(packet.ssrc, track);
    return track;
  }

  /** The track that an RTCP packet's SSRC belongs to. */
  bySsrc(ssrc: number): InboundTrack | undefined {
    return this.#bySsrc.get(ssrc);
  }

  #byMid(packet: RtpPacket): InboundTrack | undefined {
    if (this.#midId === 0) return undefined;
    const value = packet.extension(this.#midId);
    return value && this.#tracks.find((track) => track.mid === value.toString('utf8'));
  }

  #byPayloadType(payloadType: number): InboundTrack | undefined {
    const candidates = this.#tracks.filter((track) => track.accepts(payloadType));
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  #learn(ssrc: number, track: InboundTrack): void {
    if (this.#bySsrc.size >= MAX_LEARNED_SSRCS) {
      const [oldest] = this.#bySsrc.keys();
      if (oldest !== undefined) this.#bySsrc.delete(oldest);
    }
    this.#bySsrc.set(ssrc, track);
  }
}
