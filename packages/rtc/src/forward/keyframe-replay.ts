import type { Codec } from '@sluice/core';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import type { KeyframeCache } from './keyframe-cache.ts';

/** What a step takes off the backlog: at 20 ms and 1,200 bytes 23 Mbit/s, which a path's queue can bear. */
const PACKETS_PER_STEP = 48;

/** Sends one packet of a group; it holds during the call. */
export type SendReplayed = (packet: RtpPacket, codec: Codec, keyframe: boolean) => void;

/**
 * One viewer's way through the group of pictures of a cache, from its keyframe to live.
 * What comes live meanwhile waits in the cache for its turn.
 */
export class KeyframeReplay {
  readonly #cache: KeyframeCache;
  readonly #group: number;
  readonly #packet = new RtpPacket();
  #next: number;
  #knownEnd: number;

  constructor(cache: KeyframeCache) {
    this.#cache = cache;
    this.#group = cache.group;
    this.#next = cache.firstSequence;
    this.#knownEnd = cache.end;
  }

  /** False once the source began another group, or this one grew past the cache's bounds. */
  get isValid(): boolean {
    return this.#cache.group === this.#group;
  }

  get isLive(): boolean {
    return this.#next >= this.#cache.end;
  }

  /** Whether a packet that has just come will have its turn; one that was passed over by then is late. */
  holds(sequenceNumber: number): boolean {
    return sequenceDistance(this.#next & 0xffff, sequenceNumber) >= 0;
  }

  /** Sends what came since the last step and a bounded part of the backlog. */
  step(send: SendReplayed): void {
    const { firstSequence, end, codec } = this.#cache;
    if (!codec) return;
    const stop = Math.min(end, this.#next + PACKETS_PER_STEP + end - this.#knownEnd);
    this.#knownEnd = end;
    for (; this.#next < stop; this.#next++) {
      const stored = this.#cache.at(this.#next);
      if (stored && this.#packet.parse(stored)) send(this.#packet, codec, this.#next === firstSequence);
    }
  }
}
