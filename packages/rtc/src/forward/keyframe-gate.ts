import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { KeyframeCache } from './keyframe-cache.ts';
import { KeyframeReplay, type SendReplayed } from './keyframe-replay.ts';

/** Then the cache serves: some encoders answer no keyframe request, and some sources cannot. */
const CACHE_AFTER_MS = 400;
/** Without a usable cache a viewer is then sent what there is: a keyframe need not look like one. */
const OPEN_AFTER_MS = 1000;

/** What becomes of a packet that comes live: it is sent, it has its turn in the replay, or it is dropped. */
export type Admission = 'live' | 'queued' | 'waiting';

/** Lets a viewer begin with a keyframe: the publisher's next, or the last one out of the cache. Times are monotonic milliseconds. */
export class KeyframeGate {
  /** Times that the cache served. */
  replays = 0;
  /** Undefined while nothing is awaited. */
  #waitingSince: number | undefined;
  #replay: KeyframeReplay | undefined;

  /** Whether a keyframe is awaited, or a replay under way. */
  get isShut(): boolean {
    return this.#waitingSince !== undefined || this.#replay !== undefined;
  }

  get isWaiting(): boolean {
    return this.#waitingSince !== undefined;
  }

  get isReplaying(): boolean {
    return this.#replay !== undefined;
  }

  /** Whether the replay can not go on, because its group is gone. */
  get lostGroup(): boolean {
    return this.#replay?.isValid === false;
  }

  /** Nothing is awaited any more. */
  open(): void {
    this.#waitingSince = undefined;
    this.#replay = undefined;
  }

  /** From now on only a keyframe, or a replay, opens the gate. */
  close(now: number): void {
    this.#waitingSince = now;
    this.#replay = undefined;
  }

  /** @param hasPicture whether the viewer is sent another layer meanwhile, and can wait for as long as it takes */
  admit(packet: RtpPacket, keyframe: boolean, now: number, hasPicture = false): Admission {
    const replay = this.#replay;
    if (replay) return replay.isValid && !replay.holds(packet.sequenceNumber) ? 'live' : 'queued';
    if (this.#waitingSince === undefined) return 'live';
    if (!keyframe && (hasPicture || now - this.#waitingSince < OPEN_AFTER_MS)) return 'waiting';
    this.#waitingSince = undefined;
    return 'live';
  }

  /** Begins a replay when that is the fastest way to a picture. @returns whether it did */
  tryReplay(cache: KeyframeCache, now: number): boolean {
    if (this.#waitingSince === undefined || !cache.isUsable(now)) return false;
    if (!cache.isShort && now - this.#waitingSince < CACHE_AFTER_MS) return false;
    this.#waitingSince = undefined;
    this.#replay = new KeyframeReplay(cache);
    this.replays++;
    return true;
  }

  /** Goes on with the replay, if there is one, until it is live. */
  step(send: SendReplayed): void {
    this.#replay?.step(send);
    if (this.#replay?.isLive) this.#replay = undefined;
  }
}
