import type { PacketBatch } from '../../outbound/packet-batch.ts';
import type { SrtpProfile } from '../profiles.ts';

/** The keys of what we send to one peer, ready for use in batches. */
export interface SealingContext {
  /** Stands in {@link PacketBatch.contextId}. Used again after {@link close}. */
  readonly id: number;
  /** By which a sealed packet is longer. */
  readonly tagBytes: number;
  /** Frees what it holds; no packet of it may be in a batch. Idempotent. */
  close(): void;
}

/**
 * Encrypts and authenticates batches of RTP packets (RFC 3711, RFC 7714). It keeps no state of streams:
 * that no index is used twice for different packets is its caller's business.
 */
export interface BatchSealer {
  /** @throws MediaError INTERNAL when key or salt are not as long as the profile demands, or there are too many contexts */
  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext;
  /** Writes encrypted payload and tag behind the header of each packet, and its length to `sealedBytes`. */
  seal(batch: PacketBatch): void;
  close(): void;
}
