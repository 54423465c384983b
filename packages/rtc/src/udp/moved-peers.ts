import type { Clock } from '@sluice/core';
import { RateBudget } from '../rate-budget.ts';
import type { PeerAddress } from './peer-address.ts';

/** Recognises its own packets by their authentication alone. */
export interface MovedPeerReceiver {
  /**
   * SRTP or SRTCP from a port that no check has verified, of a host where this session's peer is: after a NAT
   * has given it another port, it may come from there. Nothing may be done with it unless it is authentic.
   * @returns whether it was this session's
   */
  onMoved?(kind: 'rtp' | 'rtcp', datagram: Buffer, from: PeerAddress): boolean;
}

/** Finds whom a packet from an unknown port belongs to, among the sessions that have another port of that host. */
export class MovedPeers<T extends MovedPeerReceiver> {
  readonly #clock: Clock;
  readonly #trials: RateBudget;
  /** How many addresses of the host each has. */
  readonly #byHost = new Map<string, Map<T, number>>();
  #suppressed = 0;

  /** @param maxTrialsPerSecond each costs about as much as the authentication of one packet */
  constructor(clock: Clock, maxTrialsPerSecond: number) {
    this.#clock = clock;
    this.#trials = new RateBudget(maxTrialsPerSecond, clock.monotonic());
  }

  /** Packets that were not tried, or not with every session of their host, because there were too many. */
  get suppressed(): number {
    return this.#suppressed;
  }

  add(host: string, holder: T): void {
    const holders = this.#byHost.get(host) ?? new Map<T, number>();
    holders.set(holder, (holders.get(holder) ?? 0) + 1);
    this.#byHost.set(host, holders);
  }

  remove(host: string, holder: T): void {
    const holders = this.#byHost.get(host);
    const left = (holders?.get(holder) ?? 0) - 1;
    if (left > 0) holders?.set(holder, left);
    else holders?.delete(holder);
    if (holders?.size === 0) this.#byHost.delete(host);
  }

  /** @returns whether a session has taken the packet */
  offer(kind: 'rtp' | 'rtcp', datagram: Buffer, from: PeerAddress): boolean {
    const holders = this.#byHost.get(from.address);
    if (!holders) return false;
    const now = this.#clock.monotonic();
    for (const holder of holders.keys()) {
      if (!this.#trials.take(now)) {
        this.#suppressed++;
        return false;
      }
      if (holder.onMoved?.(kind, datagram, from)) return true;
    }
    return false;
  }
}
