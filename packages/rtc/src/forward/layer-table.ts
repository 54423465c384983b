import { HEADER_EXTENSIONS } from '@sluice/core';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { NegotiatedCodec, NegotiatedSection } from '../sdp/negotiated.ts';
import type { InboundLayer } from './inbound-layer.ts';

/** Simulcast has three layers; the rest is room for encoders that start anew under another SSRC. */
const MAX_LAYERS = 8;
/** Each layer has one RTX stream; an encoder that starts anew may bring another. */
const MAX_RTX_SSRCS = 2 * MAX_LAYERS;

/** What a packet says of a layer that is new. */
export interface NewLayer {
  readonly ssrc: number;
  readonly rid: string | undefined;
  readonly codec: NegotiatedCodec;
  /** Monotonic milliseconds. */
  readonly now: number;
}

type CreateLayer = (layer: NewLayer) => InboundLayer;

/** The RTP streams of one m-line, learned from their packets. */
export class LayerTable {
  readonly #section: NegotiatedSection;
  readonly #create: CreateLayer;
  readonly #ridId: number;
  readonly #repairedRidId: number;
  readonly #layers: InboundLayer[] = [];
  #simulcast: readonly InboundLayer[] = [];
  readonly #bySsrc = new Map<number, InboundLayer>();
  readonly #byRtxSsrc = new Map<number, InboundLayer>();

  constructor(section: NegotiatedSection, create: CreateLayer) {
    this.#section = section;
    this.#create = create;
    this.#ridId = idOf(section, HEADER_EXTENSIONS.rid);
    this.#repairedRidId = idOf(section, HEADER_EXTENSIONS.repairedRid);
  }

  get all(): readonly InboundLayer[] {
    return this.#layers;
  }

  /** The layers that have a rid; another array as soon as there are others. */
  get simulcast(): readonly InboundLayer[] {
    return this.#simulcast;
  }

  /** Whether `layer` began after `other`. */
  isNewer(layer: InboundLayer, other: InboundLayer): boolean {
    return this.#layers.indexOf(layer) > this.#layers.indexOf(other);
  }

  /** The layer of a media packet; a new SSRC makes a new layer. */
  ofMedia(packet: RtpPacket, codec: NegotiatedCodec, now: number): InboundLayer {
    return this.#bySsrc.get(packet.ssrc) ?? this.#add(packet, codec, now);
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

  #add(packet: RtpPacket, codec: NegotiatedCodec, now: number): InboundLayer {
    if (this.#layers.length >= MAX_LAYERS) this.#dropMostSilent();
    const layer = this.#create({ ssrc: packet.ssrc, rid: packet.extension(this.#ridId)?.toString('utf8'), codec, now });
    this.#layers.push(layer);
    if (layer.rid !== undefined) this.#simulcast = [...this.#simulcast, layer];
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
    silent.close();
    this.#layers.splice(this.#layers.indexOf(silent), 1);
    if (silent.rid !== undefined) this.#simulcast = this.#simulcast.filter((layer) => layer !== silent);
    for (const table of [this.#bySsrc, this.#byRtxSsrc]) {
      for (const [ssrc, layer] of table) if (layer === silent) table.delete(ssrc);
    }
  }
}

function idOf(section: NegotiatedSection, uri: string): number {
  return section.extensions.find((extension) => extension.uri === uri)?.id ?? 0;
}
