import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransportCcFeedback } from './rtcp-packets.ts';
import { parseRtcp } from './rtcp-parse.ts';
import { TransportCcRecorder } from './twcc-recorder.ts';

/** What a parser makes of the feedback; any malformed packet fails. */
function feedbackOf(recorder: TransportCcRecorder): TransportCcFeedback[] {
  return recorder.buildFeedback(1, 2).map((packet) => {
    expect(packet.length).toBeLessThanOrEqual(1200);
    const [feedback, ...others] = parseRtcp(packet, { maxSequenceNumbers: 0xffff });
    expect(others).toEqual([]);
    if (feedback?.type !== 'transport-cc') throw new Error(`Not transport feedback: ${JSON.stringify(feedback)}`);
    return feedback;
  });
}

/** Sequence number to arrival as a sender adds them up; a later report of a packet wins over "lost". */
function collect(feedbacks: readonly TransportCcFeedback[], into = new Map<number, number | undefined>()): Map<number, number | undefined> {
  for (const { baseSequenceNumber, arrivals } of feedbacks) {
    arrivals.forEach((arrival, index) => {
      const sequenceNumber = (baseSequenceNumber + index) & 0xffff;
      if (arrival !== undefined || !into.has(sequenceNumber)) into.set(sequenceNumber, arrival);
    });
  }
  return into;
}

function agrees(report: number | undefined, arrival: number | undefined): boolean {
  if (report === undefined || arrival === undefined) return report === arrival;
  return Math.abs(report - arrival) <= 250;
}

describe('TransportCcRecorder', () => {
  it('lists only so many losses, however far the sender jumps with each packet', () => {
    const recorder = new TransportCcRecorder();
    for (let index = 0; index < 500; index++) recorder.record((index * 32_000) & 0xffff, index * 25);
    const feedbacks = feedbackOf(recorder);
    const statuses = feedbacks.flatMap(({ arrivals }) => arrivals);
    expect(statuses.filter((arrival) => arrival !== undefined)).toHaveLength(500);
    expect(statuses.length).toBeLessThanOrEqual(100_500);
  });

  it('has nothing to say before anything came', () => {
    const recorder = new TransportCcRecorder();
    expect(recorder.buildFeedback(1, 2)).toEqual([]);
    recorder.record(1, 0);
    recorder.buildFeedback(1, 2);
    expect(recorder.buildFeedback(1, 2)).toEqual([]);
  });

  it('reports arrivals and losses, those between two feedbacks too', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(10, 64_000);
    recorder.record(12, 65_000);
    expect(feedbackOf(recorder)).toMatchObject([
      { senderSsrc: 1, mediaSsrc: 2, baseSequenceNumber: 10, referenceTime: 1, feedbackCount: 0, arrivals: [64_000, undefined, 65_000] },
    ]);
    recorder.record(15, 130_000);
    expect(feedbackOf(recorder)).toMatchObject([
      { baseSequenceNumber: 13, referenceTime: 2, feedbackCount: 1, arrivals: [undefined, undefined, 130_000] },
    ]);
  });

  it('sorts what came in another order, with negative deltas', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(65_535, 10_000);
    recorder.record(1, 11_000);
    recorder.record(0, 12_000);
    expect(feedbackOf(recorder)).toMatchObject([{ baseSequenceNumber: 65_535, arrivals: [10_000, 12_000, 11_000] }]);
  });

  it('keeps the first of two arrivals of one packet', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(5, 1000);
    recorder.record(5, 2000);
    expect(feedbackOf(recorder)).toMatchObject([{ arrivals: [1000] }]);
  });

  it('reports a late packet alone, so that what was reported does not read as lost', () => {
    const recorder = new TransportCcRecorder();
    for (const sequenceNumber of [1, 2, 5, 6]) recorder.record(sequenceNumber, 1000 * sequenceNumber);
    feedbackOf(recorder);
    recorder.record(3, 8000);
    recorder.record(7, 9000);
    expect(feedbackOf(recorder)).toMatchObject([
      { baseSequenceNumber: 3, arrivals: [8000] },
      { baseSequenceNumber: 7, arrivals: [9000] },
    ]);
  });

  it('begins a new packet when a delta leaves 16 bits', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(1, 0);
    recorder.record(2, 0x7fff * 250);
    recorder.record(5, 0x7fff * 500 + 250);
    expect(feedbackOf(recorder)).toMatchObject([
      { baseSequenceNumber: 1, arrivals: [0, 0x7fff * 250] },
      { baseSequenceNumber: 3, arrivals: [undefined, undefined, 0x7fff * 500 + 250] },
    ]);
  });

  it('begins a new packet when the losses leave the 16-bit count', () => {
    const recorder = new TransportCcRecorder();
    for (const sequence of [0, 30_000, 60_000, 90_000]) recorder.record(sequence & 0xffff, 0);
    const feedbacks = feedbackOf(recorder);
    expect(feedbacks.map(({ baseSequenceNumber, arrivals }) => [baseSequenceNumber, arrivals.length])).toEqual([
      [0, 60_001],
      [60_001, 30_000],
    ]);
  });

  it('counts feedback packets and wraps the count', () => {
    const recorder = new TransportCcRecorder();
    const counts: number[] = [];
    for (let round = 0; round < 300; round++) {
      recorder.record(round, round * 1000);
      counts.push(...feedbackOf(recorder).map((feedback) => feedback.feedbackCount));
    }
    expect(counts).toEqual(Array.from({ length: 300 }, (_, index) => index & 0xff));
  });

  it('drops and counts what is over its bounds', () => {
    const recorder = new TransportCcRecorder({ capacity: 3, maxLateness: 2 });
    for (let sequenceNumber = 10; sequenceNumber < 15; sequenceNumber++) recorder.record(sequenceNumber, 0);
    expect(recorder).toMatchObject({ pending: 3, dropped: 2 });
    feedbackOf(recorder);
    recorder.record(11, 0);
    recorder.record(10, 0);
    expect(recorder).toMatchObject({ pending: 1, dropped: 3 });
  });

  it('carries the clock over the wrap of the 24-bit reference time', () => {
    const recorder = new TransportCcRecorder();
    const wrap = 2 ** 24 * 64_000;
    recorder.record(1, wrap - 1000);
    feedbackOf(recorder);
    recorder.record(2, wrap + 500);
    expect(feedbackOf(recorder)).toMatchObject([{ referenceTime: 0, arrivals: [500] }]);
  });

  it('gives back every arrival within 250 µs and every loss, over wraps, reordering and long gaps', () => {
    const packet = fc.record({
      lost: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(2000) }),
      waitUs: fc.oneof(
        { weight: 8, arbitrary: fc.nat(20_000) },
        { weight: 2, arbitrary: fc.nat(200_000) },
        { weight: 1, arbitrary: fc.nat(40_000_000) },
      ),
      delayedBy: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(10) }),
      feedback: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    });
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(packet, { minLength: 1, maxLength: 400 }), (start, packets) => {
        let sequence = start;
        const sent = packets.map((item, index) => ({ ...item, sequence: (sequence += item.lost + 1), order: index + item.delayedBy }));
        const first = sent[0]!;
        // The first packet must come first: losses and late packets from before it are unknown to a receiver.
        first.order = -1;
        // The test adds feedback up by 16-bit numbers, so it stays within one circle.
        fc.pre(sequence - first.sequence < 0xffff);

        const recorder = new TransportCcRecorder({ maxLateness: 0x7fff });
        const reported = new Map<number, number | undefined>();
        const arrivals = new Map<number, number>();
        let now = 5_000_000;
        let highest = 0;
        for (const item of sent.toSorted((a, b) => a.order - b.order)) {
          now += item.waitUs;
          recorder.record(item.sequence & 0xffff, now);
          arrivals.set(item.sequence, now);
          highest = Math.max(highest, item.sequence);
          if (item.feedback) collect(feedbackOf(recorder), reported);
        }
        collect(feedbackOf(recorder), reported);

        expect(recorder.dropped).toBe(0);
        expect(reported.size).toBe(highest - first.sequence + 1);
        const wrong: number[] = [];
        for (let number = first.sequence; number <= highest; number++) {
          if (!agrees(reported.get(number & 0xffff), arrivals.get(number))) wrong.push(number);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps each feedback within a datagram, whatever the losses', () => {
    const recorder = new TransportCcRecorder();
    let sequence = 0;
    for (let index = 0; index < 2000; index++) {
      recorder.record((sequence += 15 + (index % 7)) & 0xffff, index * 300_000);
    }
    expect(collect(feedbackOf(recorder)).size).toBeGreaterThan(30_000);
  });
});
