import { describe, expect, it } from 'vitest';
import { ReceiveBandwidth } from './receive-bandwidth.ts';

const PACKET_BYTES = 1250;
const UPDATE_MS = 100;

/** A path of a fixed capacity, with a queue, on which a sender follows the estimates. */
class Path {
  readonly estimate = new ReceiveBandwidth(2_000_000);
  readonly capacityBps: number;
  lossEvery = 0;
  #now = 5000;
  #packets = 0;
  #lost = 0;
  #freeAt = 0;
  #creditBits = 0;

  constructor(capacityBps: number) {
    this.capacityBps = capacityBps;
  }

  /** The sender cannot make more than `most`. */
  run(ms: number, most = Number.POSITIVE_INFINITY): void {
    const arrivals: { readonly at: number; readonly sentAt: number }[] = [];
    for (const end = this.#now + ms; this.#now < end; this.#now++) {
      this.#creditBits += Math.min(this.estimate.bitrate, most) / 1000;
      for (; this.#creditBits >= PACKET_BYTES * 8; this.#creditBits -= PACKET_BYTES * 8) this.#send(arrivals);
      while (arrivals[0] && arrivals[0].at <= this.#now) this.#arrive(arrivals.shift()?.sentAt ?? 0);
      if (this.#now % UPDATE_MS === 0) this.estimate.update(this.#packets, this.#lost, this.#now);
    }
  }

  #send(arrivals: { at: number; sentAt: number }[]): void {
    this.#packets++;
    if (this.lossEvery > 0 && this.#packets % this.lossEvery === 0) {
      this.#lost++;
      return;
    }
    this.#freeAt = Math.max(this.#freeAt, this.#now) + (PACKET_BYTES * 8000) / this.capacityBps;
    arrivals.push({ at: this.#freeAt + 20, sentAt: this.#now });
  }

  #arrive(sentAt: number): void {
    this.estimate.onPacket(PACKET_BYTES, this.#now);
    // The sender's clock has nothing to do with ours, and abs-send-time wraps after 64 s.
    this.estimate.onSendTime(Math.round(((sentAt + 60_000) * 2 ** 18) / 1000) & 0xff_ffff, this.#now);
  }
}

describe('ReceiveBandwidth', () => {
  it('grows on a path that bears more, over the wrap of send times', () => {
    const path = new Path(20_000_000);
    path.run(30_000);
    expect(path.estimate.bitrate).toBeGreaterThan(8_000_000);
    expect(path.estimate.bitrate).toBeLessThan(25_000_000);
  });

  it('finds the capacity of a narrow path by the delay that packets gather', () => {
    const path = new Path(1_000_000);
    path.run(20_000);
    expect(path.estimate.bitrate).toBeGreaterThan(600_000);
    expect(path.estimate.bitrate).toBeLessThan(1_300_000);
  });

  it('falls with heavy loss, and not with light loss', () => {
    const heavy = new Path(20_000_000);
    heavy.lossEvery = 5;
    heavy.run(5000);
    expect(heavy.estimate.bitrate).toBeLessThan(1_000_000);
    const light = new Path(20_000_000);
    light.lossEvery = 100;
    light.run(5000);
    expect(light.estimate.bitrate).toBeGreaterThan(2_000_000);
  });

  it('promises little more than what has come through', () => {
    const path = new Path(20_000_000);
    path.run(60_000, 2_000_000);
    expect(path.estimate.bitrate).toBeLessThanOrEqual(3_100_000);
  });
});
