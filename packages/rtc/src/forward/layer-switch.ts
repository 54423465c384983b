import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { type Admission, KeyframeGate } from './keyframe-gate.ts';
import type { KeyframeCache } from './keyframe-cache.ts';
import type { SendReplayed } from './keyframe-replay.ts';
import type { SourceLayer } from './source-layer.ts';

/** A keyframe that was asked for and has not come is asked for again. */
const REPEAT_REQUEST_MS = 1000;

/** Which layer one viewer is sent, and how it comes to another one: at a keyframe. Times are monotonic milliseconds. */
export class LayerSwitch {
  /** Times that one layer took the place of another. */
  switches = 0;
  readonly #gate = new KeyframeGate();
  readonly #needsKeyframes: boolean;
  #current: SourceLayer | undefined;
  #wanted: SourceLayer | undefined;
  #requestedAt = 0;

  /** @param needsKeyframes whether a stream can only begin with one, as video does */
  constructor(needsKeyframes: boolean) {
    this.#needsKeyframes = needsKeyframes;
  }

  /** What is sent. */
  get current(): SourceLayer | undefined {
    return this.#current;
  }

  /** What is sent, or will be from its next keyframe on. */
  get wanted(): SourceLayer | undefined {
    return this.#wanted;
  }

  /** Times that the cache served. */
  get replays(): number {
    return this.#gate.replays;
  }

  /** Whether a keyframe is awaited, or a replay under way. */
  get isShut(): boolean {
    return this.#gate.isShut;
  }

  /** Moves to this layer as soon as it has a keyframe; what is sent now goes on until then. */
  want(layer: SourceLayer, now: number): void {
    if (layer === this.#wanted || this.#gate.isReplaying) return;
    this.#wanted = layer;
    if (layer === this.#current) this.#gate.open();
    else if (this.#needsKeyframes) this.#await(now);
  }

  /** Forgets all layers, for another source or a new start. */
  reset(): void {
    this.#take(undefined);
    this.#wanted = undefined;
    this.#gate.open();
  }

  /** The wanted layer begins anew, though it was being sent. */
  restart(now: number): void {
    this.#take(undefined);
    if (this.#needsKeyframes) this.#await(now);
  }

  /** What becomes of a packet; the first one that is live may be the first one of another layer. */
  admit(layer: SourceLayer, packet: RtpPacket, keyframe: boolean, now: number): Admission | 'otherLayer' {
    if (layer !== this.#wanted) return layer === this.#current && !this.#gate.isReplaying ? 'live' : 'otherLayer';
    if (this.#gate.isShut) {
      const admission = this.#gate.admit(packet, keyframe, now, this.#hasPicture(now));
      if (admission !== 'live') return admission;
    }
    if (layer !== this.#current) this.#switchTo(layer);
    return 'live';
  }

  /** Begins a replay when that is the fastest way to a picture. @returns what is replayed */
  tryReplay(now: number): KeyframeCache | undefined {
    const layer = this.#wanted;
    const cache = layer?.keyframeCache;
    if (!layer || !cache || this.#hasPicture(now) || !this.#gate.tryReplay(cache, now)) return undefined;
    if (layer !== this.#current) this.#switchTo(layer);
    return cache;
  }

  /** Asks again for a keyframe that does not come. */
  tick(now: number): void {
    if (this.#gate.isWaiting && now - this.#requestedAt >= REPEAT_REQUEST_MS) this.#request(now);
  }

  /** Whether the replay can not go on, because its group is gone. */
  get lostGroup(): boolean {
    return this.#gate.lostGroup;
  }

  step(send: SendReplayed): void {
    this.#gate.step(send);
  }

  /** A viewer lost its picture: what it is sent, or waits for, makes it a new one. */
  requestKeyframe(now: number): void {
    if (this.#gate.isWaiting) this.#request(now);
    this.#current?.requestKeyframe();
  }

  #await(now: number): void {
    this.#gate.close(now);
    this.#requestedAt = -Infinity;
  }

  #request(now: number): void {
    this.#requestedAt = now;
    this.#wanted?.requestKeyframe();
  }

  #hasPicture(now: number): boolean {
    return this.#current !== undefined && !this.#current.isSilent(now);
  }

  #switchTo(layer: SourceLayer): void {
    if (this.#current) this.switches++;
    this.#take(layer);
  }

  #take(layer: SourceLayer | undefined): void {
    if (this.#current) this.#current.viewers--;
    this.#current = layer;
    if (layer) layer.viewers++;
  }
}
