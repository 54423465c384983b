import { beforeEach, describe, expect, it } from 'vitest';
import { sequenceDistance } from '../rtp/sequence.ts';
import { FRAME_TICKS, type SilentPublisher, TICK_MS, TestViewer } from './testing/test-viewer.ts';

let viewer: TestViewer;

beforeEach(() => {
  viewer = new TestViewer();
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe('a late viewer', () => {
  it('is served from the last keyframe after 400 ms without one, and goes on live without a gap', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    await viewer.publish(source, 0, 99);
    viewer.track.start();
    expect(source.requests).toBe(1);
    await viewer.publish(source, 100, 108);
    expect(viewer.sent).toEqual([]);
    await viewer.publish(source, 109, 120);
    expect(viewer.numbers).toEqual(range(0, 120));
    expect(new Set(viewer.steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber)))).toEqual(new Set([1]));
    expect(viewer.track.replays).toBe(1);
  });

  it('sees the pictures of before in a moment that ends at live', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    await viewer.publish(source, 0, 99);
    viewer.track.start();
    await viewer.publish(source, 100, 120);
    const between = viewer.steps((from, to) => (to.timestamp - from.timestamp) | 0);
    expect(Math.min(...between)).toBeGreaterThan(0);
    const live = between.findIndex((step) => step === FRAME_TICKS);
    expect(new Set(between.slice(live))).toEqual(new Set([FRAME_TICKS]));
    expect((viewer.sent[live]!.timestamp - viewer.sent[0]!.timestamp) >>> 0).toBe(9000);
  });

  it('is not flooded', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 1000; number++) source.send(number);
    viewer.track.start();
    await viewer.pass(380);
    let before = viewer.sent.length;
    while (viewer.sent.length < 1000) {
      await viewer.pass(TICK_MS);
      expect(viewer.sent.length - before).toBe(Math.min(48, 1000 - before));
      before = viewer.sent.length;
    }
  });

  it('catches up with a publisher however fast that one is', async () => {
    const source = viewer.source(1, 0, 4_000_000);
    viewer.track.attach(source);
    await viewer.publish(source, 0, 200);
    viewer.track.start();
    let next = 201;
    for (let round = 0; round < 60; round++) {
      for (let packet = 0; packet < 60; packet++) source.send(next++);
      await viewer.pass(TICK_MS);
    }
    expect(viewer.numbers).toEqual(range(0, next - 1));
    source.send(next);
    expect(viewer.sent.at(-1)!.number).toBe(next);
  });

  it('is served a short group at once, and nobody asks the publisher', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    await viewer.publish(source, 0, 10);
    viewer.track.start();
    await viewer.pass(TICK_MS);
    expect(viewer.numbers).toEqual(range(0, 10));
    expect(source.requests).toBe(0);
  });

  it('waits for the publisher when the cache is switched off', async () => {
    const source = viewer.source(1, 0, 0);
    viewer.track.attach(source);
    await viewer.publish(source, 0, 99);
    viewer.track.start();
    await viewer.publish(source, 100, 120);
    expect(viewer.sent).toEqual([]);
    await viewer.publish(source, 121, 126);
    expect(viewer.sent.length).toBeGreaterThan(0);
    expect(viewer.track.replays).toBe(0);
  });

  it('takes the keyframe that a publisher makes in time', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    await viewer.publish(source, 0, 99);
    viewer.track.start();
    await viewer.publish(source, 100, 104);
    source.send(105, true);
    await viewer.publish(source, 106, 130);
    expect(viewer.numbers).toEqual(range(105, 130));
    expect(viewer.track.replays).toBe(0);
  });
});

describe('during a replay', () => {
  /** The first steps of a replay of 500 packets are made. */
  async function midway(source: SilentPublisher): Promise<void> {
    viewer.track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 500; number++) source.send(number);
    viewer.track.start();
    await viewer.pass(440);
    expect(viewer.sent.length).toBeGreaterThan(48);
    expect(viewer.sent.length).toBeLessThan(400);
  }

  it('a new keyframe ends it, and the rest is never sent', async () => {
    const source = viewer.source();
    await midway(source);
    const before = viewer.sent.length;
    source.send(500, true);
    await viewer.publish(source, 501, 510);
    expect(viewer.numbers.slice(before)).toEqual(range(500, 510));
    expect(sequenceDistance(viewer.sent[before - 1]!.sequenceNumber, viewer.sent[before]!.sequenceNumber)).toBe(1);
  });

  it('a NACK brings the very same packet again, also an old one, and none that was not sent', async () => {
    const source = viewer.source();
    await midway(source);
    await viewer.pass(40);
    const before = viewer.sent.length;
    viewer.track.onNack([viewer.sent[3]!.sequenceNumber, (viewer.sent.at(-1)!.sequenceNumber + 1) & 0xffff]);
    expect(viewer.sent.length).toBe(before + 1);
    expect(viewer.sent.at(-1)!.bytes).toEqual(viewer.sent[3]!.bytes);
    await viewer.pass(5000);
    viewer.track.onNack([viewer.sent[3]!.sequenceNumber]);
    expect(viewer.sent.at(-1)!.bytes).toEqual(viewer.sent[3]!.bytes);
  });

  it('a packet that was missing and comes late is sent in its place', async () => {
    const source = viewer.source();
    viewer.track.attach(source);
    source.send(0, true);
    for (let number = 1; number < 100; number++) if (number !== 5) source.send(number);
    viewer.track.start();
    await viewer.pass(400);
    source.send(5);
    await viewer.pass(60);
    expect(viewer.numbers.toSorted((a, b) => a - b)).toEqual(range(0, 99));
    const late = viewer.sent.find(({ number }) => number === 5)!;
    expect(sequenceDistance(viewer.sent[4]!.sequenceNumber, late.sequenceNumber)).toBe(1);
  });

  it('a group that grows past the bounds is given up for a new keyframe', async () => {
    const source = viewer.source(1, 0, 24_000);
    await midway(source);
    const { length } = viewer.sent;
    for (let number = 500; source.keyframeCache!.overflows === 0; number++) source.send(number);
    await viewer.pass(TICK_MS);
    expect(viewer.sent).toHaveLength(length);
    expect(source.requests).toBe(2);
    source.send(2000, true);
    expect(viewer.sent.at(-1)!.number).toBe(2000);
    expect(sequenceDistance(viewer.sent.at(-2)!.sequenceNumber, viewer.sent.at(-1)!.sequenceNumber)).toBe(1);
  });

  it('another source takes over without a gap', async () => {
    const source = viewer.source();
    await midway(source);
    const before = viewer.sent.length;
    const other = viewer.source(1, 65_000);
    viewer.track.attach(other);
    source.send(500);
    await viewer.publish(other, 0, 20);
    expect(viewer.numbers.slice(before)).toEqual(range(0, 20));
    expect(sequenceDistance(viewer.sent[before - 1]!.sequenceNumber, viewer.sent[before]!.sequenceNumber)).toBe(1);
  });
});
