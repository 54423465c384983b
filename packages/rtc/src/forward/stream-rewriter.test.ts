import { expect, it } from 'vitest';
import { StreamRewriter } from './stream-rewriter.ts';

const CLOCK_RATE = 90_000;

function forward(rewriter: StreamRewriter, sequenceNumber: number, timestamp: number, now: number): { sequenceNumber: number | undefined; timestamp: number } {
  const sent = { sequenceNumber: rewriter.sequenceNumber(sequenceNumber), timestamp: rewriter.timestamp(timestamp) };
  if (sent.sequenceNumber !== undefined) rewriter.sent(sent.sequenceNumber, sent.timestamp, now);
  return sent;
}

it('keeps the distances of sequence numbers and timestamps, over both wraps', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 65_534, 2 ** 32 - 3000, 0);
  const first = forward(rewriter, 65_534, 2 ** 32 - 3000, 0);
  const later = forward(rewriter, 2, 3000, 40);
  expect((later.sequenceNumber! - first.sequenceNumber!) & 0xffff).toBe(4);
  expect((later.timestamp - first.timestamp) >>> 0).toBe(6000);
});

it('continues without a gap when the source changes, with the time that went by', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 100, 5000, 1000);
  const last = forward(rewriter, 100, 5000, 1000);
  rewriter.start(2, 40_000, 777, 1500);
  const next = forward(rewriter, 40_000, 777, 1500);
  expect(next.sequenceNumber).toBe((last.sequenceNumber! + 1) & 0xffff);
  expect((next.timestamp - last.timestamp) >>> 0).toBe(45_000);
});

it('hides packets from before the start, which would reuse sequence numbers of the source before', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 10, 0, 0);
  expect(rewriter.sequenceNumber(9)).toBeUndefined();
  expect(rewriter.sequenceNumber(10)).toBeDefined();
});

it('continues after the highest packet sent, not after a late one', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 10, 0, 0);
  forward(rewriter, 10, 0, 1);
  const highest = forward(rewriter, 12, 0, 2);
  forward(rewriter, 11, 0, 3);
  rewriter.start(2, 500, 0, 4);
  expect(forward(rewriter, 500, 0, 4).sequenceNumber).toBe((highest.sequenceNumber! + 1) & 0xffff);
});

it('maps a viewer\'s sequence number back to the source\'s', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 65_535, 0, 0);
  expect(rewriter.sourceSequenceNumber(rewriter.sequenceNumber(65_535)!)).toBe(65_535);
  expect(rewriter.sourceSequenceNumber(rewriter.sequenceNumber(3)!)).toBe(3);
});

it('starts below 2^14, so that the rollover counter of a viewer who missed the start is right', () => {
  for (let round = 0; round < 200; round++) {
    const rewriter = new StreamRewriter(CLOCK_RATE);
    rewriter.start(1, 60_000, 0, 0);
    expect(rewriter.sequenceNumber(60_000)!).toBeLessThan(0x4000);
  }
});

it('starts anew after a pause of half a cycle, where an old sequence number would be used for a new packet', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 1000, 0, 0);
  for (let source = 1000; source <= 40_000; source++) forward(rewriter, source, 0, 1);
  expect(rewriter.follows(1, 40_000 - 1000)).toBe(true);
  expect(rewriter.follows(1, 80_000 & 0xffff)).toBe(false);
  expect(rewriter.follows(2, 40_001)).toBe(false);
});

it('sends a group again in at most 100 ms that end at live, and then goes on as it was', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  const liveTimestamp = 900_000;
  rewriter.startReplay({ ssrc: 1, firstSequence: 10, packets: 101, keyframeTimestamp: 0, liveTimestamp }, 0);
  rewriter.sequenceNumber(110);
  const from = (sequenceNumber: number, timestamp: number) => (rewriter.packetTimestamp(sequenceNumber, timestamp) - rewriter.timestamp(liveTimestamp)) | 0;
  expect(from(10, 0)).toBe(-9000);
  expect(from(60, 450_000)).toBe(-4500);
  expect(from(110, liveTimestamp)).toBe(0);
  rewriter.sequenceNumber(111);
  expect(from(111, liveTimestamp + 3000)).toBe(3000);
  expect(from(10, 0)).toBe(-9000);
});

it('knows no packet behind a number that another source, or nobody yet, was sent under', () => {
  const rewriter = new StreamRewriter(CLOCK_RATE);
  rewriter.start(1, 100, 0, 0);
  const before = forward(rewriter, 100, 0, 0).sequenceNumber!;
  rewriter.leave();
  expect(rewriter.sourceSsrc).toBeUndefined();
  rewriter.start(1, 200, 0, 1);
  const after = forward(rewriter, 200, 0, 1).sequenceNumber!;
  expect(after).toBe((before + 1) & 0xffff);
  expect(rewriter.sourceSequenceNumber(before)).toBeUndefined();
  expect(rewriter.sourceSequenceNumber(after)).toBe(200);
  expect(rewriter.sourceSequenceNumber(after + 1)).toBeUndefined();
});
