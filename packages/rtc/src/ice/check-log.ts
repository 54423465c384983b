import type { Clock, DiagnosedChecks } from '@sluice/core';
import type { PeerAddress } from '../udp/peer-address.ts';

interface Entry extends DiagnosedChecks {
  accepted: number;
  readonly refused: Record<string, number>;
  nominated: boolean;
  lastAt: number;
}

/** What checks came from where, for whoever asks later why a session did not connect. */
export class CheckLog {
  readonly #clock: Clock;
  readonly #maxAddresses: number;
  readonly #entries = new Map<string, Entry>();
  #unlisted = 0;

  constructor(clock: Clock, maxAddresses: number) {
    this.#clock = clock;
    this.#maxAddresses = maxAddresses;
  }

  /** By address, oldest first. */
  list(): readonly DiagnosedChecks[] {
    return Array.from(this.#entries.values(), (entry) => ({ ...entry, refused: { ...entry.refused } }));
  }

  /** Checks of addresses that had no room. */
  get unlisted(): number {
    return this.#unlisted;
  }

  accepted(from: PeerAddress): void {
    const entry = this.#entryOf(from);
    if (entry) entry.accepted++;
  }

  refused(from: PeerAddress, reason: string): void {
    const entry = this.#entryOf(from);
    if (entry) entry.refused[reason] = (entry.refused[reason] ?? 0) + 1;
  }

  nominated(from: PeerAddress): void {
    const entry = this.#entryOf(from);
    if (entry) entry.nominated = true;
  }

  #entryOf(from: PeerAddress): Entry | undefined {
    const protocol = from.connection ? 'tcp' : 'udp';
    const key = `${protocol} ${from.port} ${from.address}`;
    const now = this.#clock.now();
    const known = this.#entries.get(key);
    if (known) {
      known.lastAt = now;
      return known;
    }
    if (!this.#makeRoom()) {
      this.#unlisted++;
      return undefined;
    }
    const { address, port } = from;
    const entry: Entry = { address, port, protocol, accepted: 0, refused: {}, nominated: false, firstAt: now, lastAt: now };
    this.#entries.set(key, entry);
    return entry;
  }

  /** An address that was never accepted goes first: forged ones must not push the peer's own out. */
  #makeRoom(): boolean {
    if (this.#entries.size < this.#maxAddresses) return true;
    for (const [key, entry] of this.#entries) {
      if (entry.accepted > 0) continue;
      this.#entries.delete(key);
      this.#unlisted++;
      return true;
    }
    return false;
  }
}
