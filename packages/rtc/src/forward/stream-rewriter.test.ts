import { describe, expect, it } from 'vitest';
import { ntpFromUnixMs } from '../rtp/ntp.ts';
import type { SourceLayer } from './source-layer.ts';
import { StreamRewriter } from './stream-rewriter.ts';
import { NEGOTIATED_VP8, testLayer } from './testing/layers.ts';

const CLOCK_RATE = 90_000;

function start(rewriter: StreamRewriter, layer: SourceLayer, sequenceNumber: number, timestamp: number, now: number): void {
  rewriter.start(layer, NEGOTIATED_VP8, sequenceNumber, timestamp, now);
}

function forward(rewriter: StreamRewriter, sequenceNumber: number, timestamp: number, now: number): { sequence: number; timestamp: number } {
  const segment = rewriter.current!;
  const sent = { sequence: segment.viewerSequence(sequenceNumber)!, timestamp: segment.timestamp(timestamp) };
  rewriter.sent(sent.sequence, sent.timestamp, now);
  return sent;
}

/** The layer, and its unwrapped number, that a viewer's number was sent for. */
function origin(rewriter: StreamRewriter, sequence: number): readonly [layer: SourceLayer, sequence: number] | undefined {
  const unwrapped = rewriter.unwrap(sequence & 0xffff);
  const segment = rewriter.segmentOf(unwrapped);
  const source = segment?.sourceSequence(unwrapped);
  return segment && source !== undefined ? [segment.layer, source] : undefined;
}

it('keeps the distances of sequence numbers and timestamps, over both wraps', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  start(rewriter, testLayer(1), 65_534, 2 ** 32 - 3000, 0);
  const first = forward(rewriter, 65_534, 2 ** 32 - 3000, 0);
  const later = forward(rewriter, 2, 3000, 40);
  expect(later.sequence - first.sequence).toBe(4);
  expect((later.timestamp - first.timestamp) >>> 0).toBe(6000);
});

it('continues without a gap when the source changes, with the time that went by', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  start(rewriter, testLayer(1), 100, 5000, 1000);
  const last = forward(rewriter, 100, 5000, 1000);
  start(rewriter, testLayer(2), 40_000, 777, 1500);
  const next = forward(rewriter, 40_000, 777, 1500);
  expect(next.sequence).toBe(last.sequence + 1);
  expect((next.timestamp - last.timestamp) >>> 0).toBe(45_000);
});

describe('between layers of one source', () => {
  /** Both layers sampled the same moment at 10 s, under timestamps of their own. */
  function layers(): readonly [SourceLayer, SourceLayer] {
    const [low, high] = [testLayer(1, 'camera', 'l'), testLayer(2, 'camera', 'h')];
    low.clockMapping = { ssrc: 1, rtpTimestamp: 1000, ntpTimestamp: ntpFromUnixMs(10_000), at: 0 };
    high.clockMapping = { ssrc: 2, rtpTimestamp: 2 ** 32 - 45_000, ntpTimestamp: ntpFromUnixMs(9_500), at: 100 };
    return [low, high];
  }

  it('keeps to their common clock, whenever the packets happen to come', () => {
    const rewriter = new StreamRewriter(CLOCK_RATE);
    const [low, high] = layers();
    start(rewriter, low, 1, 1000, 1000);
    const last = forward(rewriter, 1, 1000, 1000);
    start(rewriter, high, 1, 3600, 1270);
    expect((forward(rewriter, 1, 3600, 1270).timestamp - last.timestamp) >>> 0).toBe(3600);
  });

  it('lets time not run backwards, be the keyframe older than what was sent', () => {
    const rewriter = new StreamRewriter(CLOCK_RATE);
    const [low, high] = layers();
    start(rewriter, low, 1, 1000, 1000);
    const last = forward(rewriter, 1, 1000, 1000);
    start(rewriter, high, 1, 2 ** 32 - 9000, 1010);
    expect((forward(rewriter, 1, 2 ** 32 - 9000, 1010).timestamp - last.timestamp) >>> 0).toBe(1);
  });

  it('trusts no clock that is seconds off', () => {
    const rewriter = new StreamRewriter(CLOCK_RATE);
    const [low, high] = layers();
    start(rewriter, low, 1, 1000, 1000);
    const last = forward(rewriter, 1, 1000, 1000);
    start(rewriter, high, 1, 3600 + 10 * CLOCK_RATE, 1040);
    expect((forward(rewriter, 1, 3600 + 10 * CLOCK_RATE, 1040).timestamp - last.timestamp) >>> 0).toBe(3600);
  });
});

it('hides packets from before the start, which would reuse sequence numbers of the source before', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  start(rewriter, testLayer(1), 10, 0, 0);
  expect(rewriter.current!.viewerSequence(9)).toBeUndefined();
  expect(rewriter.current!.viewerSequence(10)).toBeDefined();
});

it('continues after the highest packet sent, not after a late one', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  start(rewriter, testLayer(1), 10, 0, 0);
  forward(rewriter, 10, 0, 1);
  const highest = forward(rewriter, 12, 0, 2);
  forward(rewriter, 11, 0, 3);
  start(rewriter, testLayer(2), 500, 0, 4);
  expect(forward(rewriter, 500, 0, 4).sequence).toBe(highest.sequence + 1);
});

it('starts below 2^14, so that the rollover counter of a viewer who missed the start is right', () => {
  for (let round = 0; round < 200; round++) {
    const rewriter = new StreamRewriter(CLOCK_RATE);
    start(rewriter, testLayer(1), 60_000, 0, 0);
    expect(rewriter.current!.viewerSequence(60_000)!).toBeLessThan(0x4000);
  }
});

it('starts anew after a pause of half a cycle, where an old sequence number would be used for a new packet', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const [layer, other] = [testLayer(1), testLayer(2)];
  start(rewriter, layer, 1000, 0, 0);
  for (let source = 1000; source <= 40_000; source++) forward(rewriter, source, 0, 1);
  const segment = rewriter.current!;
  const lastSent = segment.first + 39_000;
  expect(segment.isFollowedBy(layer, NEGOTIATED_VP8, 40_000 - 1000, lastSent)).toBe(true);
  expect(segment.isFollowedBy(layer, NEGOTIATED_VP8, 80_000 & 0xffff, lastSent)).toBe(false);
  expect(segment.isFollowedBy(layer, { ...NEGOTIATED_VP8 }, 40_001, lastSent)).toBe(false);
  expect(segment.isFollowedBy(other, NEGOTIATED_VP8, 40_001, lastSent)).toBe(false);
});

it('goes on after however many packets were left out', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const layer = testLayer(1);
  start(rewriter, layer, 1000, 0, 0);
  forward(rewriter, 1000, 0, 0);
  for (let source = 1001; source <= 30_000; source++) rewriter.current!.skip({ sequenceNumber: source, timestamp: source }, -1);
  expect(rewriter.follow(layer, NEGOTIATED_VP8, 30_001)).toBe(rewriter.current);
});

it('leaves what was sent its numbers when more of a picture before it is left out', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  start(rewriter, testLayer(1), 1000, 0, 0);
  forward(rewriter, 1000, 0, 0);
  const segment = rewriter.current!;
  segment.skip({ sequenceNumber: 1001, timestamp: 3000 }, 5);
  const sent = forward(rewriter, 1002, 6000, 0);
  const picture = segment.viewerPicture(7);
  segment.skip({ sequenceNumber: 1003, timestamp: 3000 }, 6);
  expect(segment.viewerSequence(1002)).toBe(sent.sequence);
  expect(segment.viewerSequence(1004)).toBe(sent.sequence + 1);
  expect(segment.viewerPicture(7)).toBe(picture);
});

it('sends a group again in at most 100 ms that end at live, and then goes on as it was', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const liveTimestamp = 900_000;
  const segment = rewriter.startReplay(testLayer(1), NEGOTIATED_VP8, { firstSequence: 10, packets: 101, keyframeTimestamp: 0, liveTimestamp }, 0);
  segment.viewerSequence(110);
  const from = (sequenceNumber: number, timestamp: number) => (segment.packetTimestamp(sequenceNumber, timestamp) - segment.timestamp(liveTimestamp)) | 0;
  expect(from(10, 0)).toBe(-9000);
  expect(from(60, 450_000)).toBe(-4500);
  expect(from(110, liveTimestamp)).toBe(0);
  segment.viewerSequence(111);
  expect(from(111, liveTimestamp + 3000)).toBe(3000);
  expect(from(10, 0)).toBe(-9000);
});

it('sends a group of one moment again as of that moment, also what says to be older', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const segment = rewriter.startReplay(testLayer(1), NEGOTIATED_VP8, { firstSequence: 10, packets: 2, keyframeTimestamp: 900_000, liveTimestamp: 900_000 }, 0);
  expect(segment.packetTimestamp(11, 890_000)).toBe(segment.timestamp(900_000));
});

it('knows of each number which layer it was sent for, also of those before a change, for as long as one may ask', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const [one, two] = [testLayer(1), testLayer(2)];
  start(rewriter, one, 65_535, 0, 0);
  const first = forward(rewriter, 65_535, 0, 0).sequence;
  forward(rewriter, 1, 0, 0);
  rewriter.leave();
  expect(rewriter.current).toBeUndefined();
  start(rewriter, two, 200, 0, 1000);
  const second = forward(rewriter, 200, 0, 1000).sequence;
  expect(second).toBe(first + 3);
  rewriter.forgetPast(3000);
  expect([first - 1, first, first + 1, first + 2, second, second + 1].map((sequence) => origin(rewriter, sequence))).toEqual([
    undefined, [one, 65_535], [one, 65_536], [one, 65_537], [two, 200], undefined,
  ]);
  rewriter.forgetPast(3001);
  expect(origin(rewriter, first)).toBeUndefined();
  expect(origin(rewriter, second)).toEqual([two, 200]);
});
