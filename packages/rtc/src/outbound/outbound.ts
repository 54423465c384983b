import type { SealingContext } from '../srtp/batch/batch-sealer.ts';
import type { SrtpProfile } from '../srtp/profiles.ts';
import type { Destination } from '../udp/batch-sender.ts';
import type { PeerAddress } from '../udp/peer-address.ts';

/** What {@link Outbound.add} takes beside what stands in the slot; made once and filled for each packet. */
export interface OutboundPacket {
  headerBytes: number;
  /** Arena offset. */
  payloadOffset: number;
  payloadBytes: number;
  rolloverCounter: number;
  contextId: number;
  destinationId: number;
}

/** Whose packets are sealed and sent. */
export interface OutboundOwner {
  /** A packet was sealed and could not be sent. */
  onPacketDropped(bytes: number): void;
  /** Nothing is sent any more, and contexts and destinations are gone. */
  onOutboundFailed(reason: string): void;
}

/**
 * Seals and sends packets to peers: in this thread, or in another one. Everybody who comes into the media plane
 * from outside, by a datagram or a timer, ends with {@link flush}.
 */
export interface Outbound {
  /** @throws MediaError INTERNAL when key or salt are not as long as the profile demands, or there are too many contexts */
  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext;
  destinationOf(to: PeerAddress): Destination;
  /**
   * Where the next packet's header is to be written; follow it with {@link add}, or not.
   * @returns an arena offset, -1 while nothing can be taken
   */
  reserve(): number;
  /** Takes the packet whose header stands where {@link reserve} said last. */
  add(packet: OutboundPacket, owner: OutboundOwner): void;
  /** Seals and sends what there is. */
  flush(): void;
}
