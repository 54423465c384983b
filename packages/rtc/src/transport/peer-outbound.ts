import type { SrtpKeys } from '../dtls/index.ts';
import type { Outbound, OutboundOwner, OutboundPacket } from '../outbound/outbound.ts';
import type { Outbounds } from '../outbound/outbounds.ts';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import type { SealingContext } from '../srtp/batch/batch-sealer.ts';
import type { Destination } from '../udp/batch-sender.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import type { SrtpPair } from './srtp-pair.ts';

/** What {@link PeerOutbound} needs from its owner. */
export interface PeerOutboundOptions {
  readonly outbounds: Outbounds;
  /** Where ICE says that packets go, at this moment. */
  sendAddress(): PeerAddress | undefined;
  /** A packet was handed over. */
  onSent(bytes: number): void;
  /** It could not be handed over, which is of 0 bytes, or not be sent after all. */
  onNotSent(bytes: number): void;
  onFailed(reason: string): void;
}

/** Where the packets of one peer are sealed and sent, and to where. */
interface Way {
  readonly to: PeerAddress;
  readonly outbound: Outbound;
  readonly context: SealingContext;
  readonly destination: Destination;
}

/** The RTP packets to one peer: gives each its SRTP index, and follows the peer to where ICE finds it. */
export class PeerOutbound implements RtpOutlet, OutboundOwner {
  readonly bytes: Buffer;
  readonly #options: PeerOutboundOptions;
  /** Filled for each packet. */
  readonly #packet: OutboundPacket = { headerBytes: 0, payloadOffset: 0, payloadBytes: 0, rolloverCounter: 0, contextId: 0, destinationId: 0 };
  #srtp: SrtpPair | undefined;
  #keys: SrtpKeys | undefined;
  #way: Way | undefined;

  constructor(options: PeerOutboundOptions) {
    this.#options = options;
    this.bytes = options.outbounds.arena.bytes;
  }

  /** From here on packets can be sent. */
  start(srtp: SrtpPair, keys: SrtpKeys): void {
    this.#srtp = srtp;
    this.#keys = keys;
  }

  reserve(): number {
    const at = this.#currentWay()?.outbound.reserve() ?? -1;
    if (at < 0) this.#options.onNotSent(0);
    return at;
  }

  send(headerBytes: number, payloadOffset: number, payloadBytes: number, ssrc: number, sequenceNumber: number): void {
    const way = this.#way;
    if (!way || !this.#srtp) return;
    const packet = this.#packet;
    packet.headerBytes = headerBytes;
    packet.payloadOffset = payloadOffset;
    packet.payloadBytes = payloadBytes;
    packet.rolloverCounter = this.#srtp.sender.rolloverCounterOf(ssrc, sequenceNumber);
    packet.contextId = way.context.id;
    packet.destinationId = way.destination.id;
    way.outbound.add(packet, this);
    this.#options.onSent(headerBytes + payloadBytes + way.context.tagBytes);
  }

  onPacketDropped(bytes: number): void {
    this.#options.onNotSent(bytes);
  }

  onOutboundFailed(reason: string): void {
    this.#way = undefined;
    this.#options.onFailed(reason);
  }

  /** Idempotent. */
  close(): void {
    this.#leave();
    this.#srtp = this.#keys = undefined;
  }

  #currentWay(): Way | undefined {
    const to = this.#options.sendAddress();
    if (this.#way?.to === to) return this.#way;
    this.#leave();
    if (to) this.#way = this.#createWay(to);
    return this.#way;
  }

  #createWay(to: PeerAddress): Way | undefined {
    if (!this.#srtp || !this.#keys) return undefined;
    const outbound = this.#options.outbounds.join(this, to);
    const destination = outbound.destinationOf(to);
    try {
      return { to, outbound, context: outbound.createContext(this.#srtp.profile, this.#keys.localKey, this.#keys.localSalt), destination };
    } catch (error) {
      destination.close();
      throw error;
    }
  }

  #leave(): void {
    this.#way?.context.close();
    this.#way?.destination.close();
    this.#way = undefined;
    this.#options.outbounds.leave(this);
  }
}
