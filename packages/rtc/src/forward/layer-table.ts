import { HEADER_EXTENSIONS } from '@sluice/core';
import type { RoundTrip } from '../rtp/round-trip.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { NegotiatedCodec, NegotiatedSection } from '../sdp/negotiated.ts';
import { InboundLayer } from './inbound-layer.ts';

/** Simulcast has three layers; the rest is room for encoders that start anew under another SSRC. */
const MAX_LAYERS = 8;
/** Each layer has one RTX stream; an encoder that starts anew may bring another. */
const MAX_RTX_SSRCS = 2 * MAX_LAYERS;

/** The RTP streams of one m-line, learned from their packets. */
export class LayerTable {
  readonly #section: NegotiatedSection;
  readonly #roundTrip: RoundTrip;
  readonly #ridId: number;
  readonly #repairedRidId: number;
  readonly #layers: InboundLayer[] = [];
  readonly #bySsrc = new Map<number, InboundLayer>();
  readonly #byRtxSsrc = new Map<number, InboundLayer>();

  /** @param roundTrip to the publisher, which the layers measure */
  constructor(section: NegotiatedSection, roundTrip: RoundTrip) {
    this.#section = section;
    this.#roundTrip = roundTrip;
    this.#ridId = idOf(section, HEADER_EXTENSIONS.rid);
    this.#repairedRidId = idOf(section, HEADER_EXTENSIONS.repairedRid);
  }

  get all(): readonly InboundLayer[] {
    return this.#layers;
  }

  /** Whether `layer` began after `other`. */
  isNewer(layer: InboundLayer, other: InboundLayer): boolean {
    return this.#layers.indexOf(layer) > this.#layers.indexOf(other);
  }

  /** The layer of a media packet; a new SSRC makes a new layer. */
  ofMedia(packet: RtpPacket, negotiated: NegotiatedCodec, now: number): InboundLayer {
    return this.#bySsrc.get(packet.ssrc) ?? this.#add(packet, negotiated, now);
  }

  /** The layer that an RTX packet repairs: by `ssrc-group`, repaired RID (RFC 8852), or as the only one. */
  ofRtx(packet: RtpPacket): InboundLayer | undefined {
    const known = this.#byRtxSsrc.get(packet.ssrc);
    if (known) return known;
    const layer = this.#findRepaired(packet);
    if (layer) this.#learnRtx(packet.ssrc, layer);
    return layer;
  }

  /** The layer that an RTCP packet speaks of. */
  bySsrc(ssrc: number): InboundLayer | undefined {
    return this.#bySsrc.get(ssrc) ?? this.#byRtxSsrc.get(ssrc);
  }

  #add(packet: RtpPacket, negotiated: NegotiatedCodec, now: number): InboundLayer {
    if (this.#layers.length >= MAX_LAYERS) this.#dropMostSilent();
    const layer = new InboundLayer({
      ssrc: packet.ssrc,
      clockRate: negotiated.codec.clockRate,
      nack: negotiated.feedback.includes('nack'),
      rid: packet.extension(this.#ridId)?.toString('utf8'),
      roundTrip: this.#roundTrip,
      now,
    });
    this.#layers.push(layer);
    this.#bySsrc.set(packet.ssrc, layer);
    return layer;
  }

  #learnRtx(ssrc: number, layer: InboundLayer): void {
    const [oldest] = this.#byRtxSsrc.keys();
    if (oldest !== undefined && this.#byRtxSsrc.size >= MAX_RTX_SSRCS) this.#byRtxSsrc.delete(oldest);
    this.#byRtxSsrc.set(ssrc, layer);
  }

  #findRepaired(packet: RtpPacket): InboundLayer | undefined {
    const signalled = this.#section.remoteSsrcs.find(({ rtxSsrc }) => rtxSsrc === packet.ssrc);
    if (signalled) return this.#bySsrc.get(signalled.ssrc);
    const rid = packet.extension(this.#repairedRidId)?.toString('utf8');
    if (rid !== undefined) return this.#layers.find((layer) => layer.rid === rid);
    return this.#layers.length === 1 ? this.#layers[0] : undefined;
  }

  #dropMostSilent(): void {
    const silent = this.#layers.reduce((a, b) => (b.lastPacketAt < a.lastPacketAt ? b : a));
    this.#layers.splice(this.#layers.indexOf(silent), 1);
    for (const table of [this.#bySsrc, this.#byRtxSsrc]) {
      for (const [ssrc, layer] of table) if (layer === silent) table.delete(ssrc);
    }
  }
}

function idOf(section: NegotiatedSection, uri: string): number {
  return section.extensions.find((extension) => extension.uri === uri)?.id ?? 0;
}
