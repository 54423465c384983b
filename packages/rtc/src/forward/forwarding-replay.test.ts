import type { Codec } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { MediaSource } from './media-source.ts';
import { VP8, VP8_DELTA, VP8_KEYFRAME, rtp, videoSection } from './testing/sections.ts';

const TICK_MS = 20;
const FRAME_MS = 40;
const FRAME_TICKS = 3600;

interface Sent {
  readonly bytes: Buffer;
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  /** The number that the source wrote into the payload. */
  readonly number: number;
}

/** A publisher that answers no keyframe request. */
class TestSource extends MediaSource {
  readonly codec: Codec = VP8;
  readonly codecs = [VP8];
  readonly extensions = [];
  readonly clockMapping = undefined;
  readonly #ssrc: number;
  readonly #start: number;
  readonly #view = new RtpPacket();
  requests = 0;

  constructor(ssrc = 1, start = 65_000, keyframeCacheBytes = 1_000_000) {
    super('video', clock, keyframeCacheBytes);
    this.#ssrc = ssrc;
    this.#start = start;
  }

  requestKeyframe(): void {
    this.requests++;
  }

  stats(): never {
    throw new Error('not used');
  }

  /** Packet 0 begins the stream; each one is a picture. */
  send(number: number, keyframe = false): void {
    const payload = Buffer.alloc(20);
    payload.set(keyframe ? VP8_KEYFRAME : VP8_DELTA);
    payload.writeUInt32BE(number, 16);
    const sequenceNumber = (this.#start + number) & 0xffff;
    const timestamp = (2 ** 32 - 10_000 + number * FRAME_TICKS) >>> 0;
    this.#view.parse(rtp({ ssrc: this.#ssrc, sequenceNumber, timestamp, payload, marker: true }));
    this.emit(this.#view, VP8, keyframe);
  }
}

let clock: FakeClock;
let sent: Sent[];
let track: ForwardingTrack;

beforeEach(begin);

/** Without RTX, which is where the same number twice is dangerous. */
function begin(): void {
  clock = new FakeClock();
  sent = [];
  track = new ForwardingTrack({
    kind: 'video',
    section: videoSection({ direction: 'sendonly', codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack'] }] }),
    ssrc: 5000,
    rtxSsrc: undefined,
    clock,
    maxRetransmissionsPerSecond: 100_000,
    sendRtp: (packet) => sent.push(read(packet)),
  });
}

function read(packet: Buffer): Sent {
  const bytes = Buffer.from(packet);
  const view = new RtpPacket();
  view.parse(bytes);
  const { ssrc, sequenceNumber, timestamp, payloadOffset } = view;
  return { bytes, ssrc, sequenceNumber, timestamp, number: bytes.readUInt32BE(payloadOffset + 16) };
}

async function publish(source: TestSource, first: number, last: number): Promise<void> {
  for (let number = first; number <= last; number++) {
    source.send(number, number === 0);
    await pass(FRAME_MS);
  }
}

/** Lets time pass as the engine does. */
async function pass(ms: number): Promise<void> {
  for (let elapsed = 0; elapsed < ms; elapsed += TICK_MS) {
    await clock.advance(TICK_MS);
    track.tick(clock.monotonic());
  }
}

function numbers(): number[] {
  return sent.map(({ number }) => number);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The steps between neighbours in what was sent. */
function steps(read: (from: Sent, to: Sent) => number): number[] {
  return sent.slice(1).map((to, index) => read(sent[index]!, to));
}

describe('a late viewer', () => {
  it('is served from the last keyframe after 400 ms without one, and goes on live without a gap', async () => {
    const source = new TestSource();
    track.attach(source);
    await publish(source, 0, 99);
    track.start();
    expect(source.requests).toBe(1);
    await publish(source, 100, 108);
    expect(sent).toEqual([]);
    await publish(source, 109, 120);
    expect(numbers()).toEqual(range(0, 120));
    expect(new Set(steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber)))).toEqual(new Set([1]));
    expect(track.replays).toBe(1);
  });

  it('sees the pictures of before in a moment that ends at live', async () => {
    const source = new TestSource();
    track.attach(source);
    await publish(source, 0, 99);
    track.start();
    await publish(source, 100, 120);
    const between = steps((from, to) => (to.timestamp - from.timestamp) | 0);
    expect(Math.min(...between)).toBeGreaterThan(0);
    const live = between.findIndex((step) => step === FRAME_TICKS);
    expect(new Set(between.slice(live))).toEqual(new Set([FRAME_TICKS]));
    expect((sent[live]!.timestamp - sent[0]!.timestamp) >>> 0).toBe(9000);
  });

  it('is not flooded', async () => {
    const source = new TestSource();
    track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 1000; number++) source.send(number);
    track.start();
    await pass(380);
    let before = sent.length;
    while (sent.length < 1000) {
      await pass(TICK_MS);
      expect(sent.length - before).toBe(Math.min(48, 1000 - before));
      before = sent.length;
    }
  });

  it('catches up with a publisher however fast that one is', async () => {
    const source = new TestSource(1, 0, 4_000_000);
    track.attach(source);
    await publish(source, 0, 200);
    track.start();
    let next = 201;
    for (let round = 0; round < 60; round++) {
      for (let packet = 0; packet < 60; packet++) source.send(next++);
      await pass(TICK_MS);
    }
    expect(numbers()).toEqual(range(0, next - 1));
    source.send(next);
    expect(sent.at(-1)!.number).toBe(next);
  });

  it('is served a short group at once, and nobody asks the publisher', async () => {
    const source = new TestSource();
    track.attach(source);
    await publish(source, 0, 10);
    track.start();
    await pass(TICK_MS);
    expect(numbers()).toEqual(range(0, 10));
    expect(source.requests).toBe(0);
  });

  it('waits for the publisher when the cache is switched off', async () => {
    const source = new TestSource(1, 0, 0);
    track.attach(source);
    await publish(source, 0, 99);
    track.start();
    await publish(source, 100, 120);
    expect(sent).toEqual([]);
    await publish(source, 121, 126);
    expect(sent.length).toBeGreaterThan(0);
    expect(track.replays).toBe(0);
  });

  it('takes the keyframe that a publisher makes in time', async () => {
    const source = new TestSource();
    track.attach(source);
    await publish(source, 0, 99);
    track.start();
    await publish(source, 100, 104);
    source.send(105, true);
    await publish(source, 106, 130);
    expect(numbers()).toEqual(range(105, 130));
    expect(track.replays).toBe(0);
  });
});

describe('during a replay', () => {
  /** The first steps of a replay of 500 packets are made. */
  async function midway(source: TestSource): Promise<void> {
    track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 500; number++) source.send(number);
    track.start();
    await pass(440);
    expect(sent.length).toBeGreaterThan(48);
    expect(sent.length).toBeLessThan(400);
  }

  it('a new keyframe ends it, and the rest is never sent', async () => {
    const source = new TestSource();
    await midway(source);
    const before = sent.length;
    source.send(500, true);
    await publish(source, 501, 510);
    expect(numbers().slice(before)).toEqual(range(500, 510));
    expect(sequenceDistance(sent[before - 1]!.sequenceNumber, sent[before]!.sequenceNumber)).toBe(1);
  });

  it('a NACK brings the very same packet again, also an old one, and none that was not sent', async () => {
    const source = new TestSource();
    await midway(source);
    await pass(40);
    const before = sent.length;
    track.onNack([sent[3]!.sequenceNumber, (sent.at(-1)!.sequenceNumber + 1) & 0xffff]);
    expect(sent.length).toBe(before + 1);
    expect(sent.at(-1)!.bytes).toEqual(sent[3]!.bytes);
    await pass(5000);
    track.onNack([sent[3]!.sequenceNumber]);
    expect(sent.at(-1)!.bytes).toEqual(sent[3]!.bytes);
  });

  it('a packet that was missing and comes late is sent in its place', async () => {
    const source = new TestSource();
    track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 100; number++) if (number !== 5) source.send(number);
    track.start();
    await pass(400);
    source.send(5);
    await pass(60);
    expect(numbers().toSorted((a, b) => a - b)).toEqual(range(0, 99));
    const late = sent.find(({ number }) => number === 5)!;
    expect(sequenceDistance(sent[4]!.sequenceNumber, late.sequenceNumber)).toBe(1);
  });

  it('a group that grows past the bounds is given up for a new keyframe', async () => {
    const source = new TestSource(1, 0, 24_000);
    await midway(source);
    const { length } = sent;
    for (let number = 500; source.keyframeCache!.overflows === 0; number++) source.send(number);
    await pass(TICK_MS);
    expect(sent).toHaveLength(length);
    expect(source.requests).toBe(2);
    source.send(2000, true);
    expect(sent.at(-1)!.number).toBe(2000);
    expect(sequenceDistance(sent.at(-2)!.sequenceNumber, sent.at(-1)!.sequenceNumber)).toBe(1);
  });

  it('another source takes over without a gap', async () => {
    const source = new TestSource();
    await midway(source);
    const before = sent.length;
    const other = new TestSource(1, 65_000);
    track.attach(other);
    source.send(500);
    await publish(other, 0, 20);
    expect(numbers().slice(before)).toEqual(range(0, 20));
    expect(sequenceDistance(sent[before - 1]!.sequenceNumber, sent[before]!.sequenceNumber)).toBe(1);
  });
});

type Step =
  | { readonly kind: 'packet'; readonly fate: 'sent' | 'lost' | 'late'; readonly keyframe: boolean }
  | { readonly kind: 'recovered' | 'switch' }
  | { readonly kind: 'tick'; readonly ms: number }
  | { readonly kind: 'nack'; readonly back: number };

/** Packets that each source has sent before the viewer comes. */
const LEAD = 100;

const packet = fc.record({
  kind: fc.constant('packet' as const),
  fate: fc.oneof({ weight: 12, arbitrary: fc.constant('sent' as const) }, fc.constantFrom('lost' as const, 'late' as const)),
  keyframe: fc.oneof({ weight: 40, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: packet },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.constantFrom(20, 40, 400) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('nack' as const), back: fc.integer({ min: -3, max: 300 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('recovered' as const) }) },
  fc.record({ kind: fc.constant('switch' as const) }),
);

/** Plays a story to the end for a viewer who comes late: packets get lost or come late, sources change. */
async function play(story: readonly Step[], sources: readonly TestSource[], burst: number): Promise<void> {
  const late: (() => void)[] = [];
  let current = 0;
  const next = sources.map(() => LEAD);
  for (const source of sources) for (let number = 0; number < LEAD; number++) source.send(number, number === 0);
  track.attach(sources[0]!);
  track.start();
  for (const event of story) {
    const source = sources[current]!;
    if (event.kind === 'tick') await pass(event.ms);
    if (event.kind === 'recovered') late.shift()?.();
    if (event.kind === 'nack') track.onNack([((sent.at(-1)?.sequenceNumber ?? 0) - event.back) & 0xffff]);
    if (event.kind === 'switch') {
      current = (current + 1) % sources.length;
      track.attach(sources[current]!);
    }
    if (event.kind !== 'packet') continue;
    for (let count = 0; count < burst; count++) {
      const number = next[current]!++;
      const send = () => source.send(number, event.keyframe && count === 0);
      if (event.fate === 'sent') send();
      if (event.fate === 'late') late.push(send);
    }
  }
}

it('never gives two packets one number, nor lets time run backwards, whatever the network does', async () => {
  const stories = fc.array(step, { minLength: 20, maxLength: 250, size: 'max' });
  let replays = 0;
  await fc.assert(fc.asyncProperty(stories, fc.integer({ min: 1, max: 40 }), async (story, burst) => {
    begin();
    await play(story, [new TestSource(1, 65_000), new TestSource(2, 300), new TestSource(1, 65_010)], burst);
    const bySequence = new Map<number, Sent>();
    for (const one of sent) {
      const before = bySequence.get(one.sequenceNumber) ?? one;
      expect(one.bytes.equals(before.bytes)).toBe(true);
      bySequence.set(one.sequenceNumber, one);
    }
    const inOrder = [...bySequence.values()].toSorted((a, b) => sequenceDistance(b.sequenceNumber, a.sequenceNumber));
    const backwards = inOrder.slice(1).filter((one, index) => ((one.timestamp - inOrder[index]!.timestamp) | 0) < 0);
    expect(backwards).toEqual([]);
    replays += track.replays;
  }), { numRuns: 100 });
  expect(replays).toBeGreaterThan(100);
});

it('leaves no gap when the network loses nothing, however often sources change', async () => {
  const lossless = step.filter((event) => event.kind !== 'nack' && (event.kind !== 'packet' || event.fate === 'sent'));
  const stories = fc.array(lossless, { minLength: 20, maxLength: 250, size: 'max' });
  await fc.assert(fc.asyncProperty(stories, fc.integer({ min: 1, max: 40 }), async (story, burst) => {
    begin();
    await play(story, [new TestSource(1, 65_000), new TestSource(2, 300)], burst);
    const distances = steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber));
    expect(distances.filter((distance) => distance !== 1)).toEqual([]);
  }), { numRuns: 100 });
});
