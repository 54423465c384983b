import { type PeerAddress, sameRemote } from '../udp/peer-address.ts';

/** A peer that checks every 2.5 seconds needs ten minutes for these. */
const MAX_TRANSACTIONS = 256;

/** Remembers the latest authentic requests, so that one which was captured does no harm when it comes again. */
export class SeenTransactions {
  readonly #sources = new Map<string, PeerAddress>();

  /** `repeated` = the peer missed our answer; `replayed` = the request came from another address before. */
  note(transactionId: Buffer, from: PeerAddress): 'new' | 'repeated' | 'replayed' {
    const key = transactionId.toString('latin1');
    const before = this.#sources.get(key);
    if (before) return sameRemote(before, from) ? 'repeated' : 'replayed';
    this.#sources.set(key, from);
    if (this.#sources.size > MAX_TRANSACTIONS) this.#forgetOldest();
    return 'new';
  }

  #forgetOldest(): void {
    for (const oldest of this.#sources.keys()) {
      this.#sources.delete(oldest);
      return;
    }
  }
}
