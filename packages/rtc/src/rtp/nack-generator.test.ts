import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NackGenerator } from './nack-generator.ts';

const ROUND_TRIP_MS = 50;

function received(sequenceNumbers: readonly number[], generator = new NackGenerator()): NackGenerator {
  for (const sequenceNumber of sequenceNumbers) generator.onPacket(sequenceNumber, 0);
  return generator;
}

describe('NackGenerator', () => {
  it('asks for nothing while nothing is missing', () => {
    expect(received([1, 2, 3]).due(0, ROUND_TRIP_MS)).toEqual([]);
  });

  it('asks at once for what a newer packet shows to be missing, across the wrap', () => {
    const generator = received([65_533, 65_534, 2]);
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([65_535, 0, 1]);
    expect(generator).toMatchObject({ missing: 3, requested: 3 });
  });

  it('asks again after a round trip that grows by the backoff', () => {
    const generator = received([1, 3], new NackGenerator({ backoff: 2 }));
    const asked = Array.from({ length: 400 }, (_, nowMs) => nowMs).filter((nowMs) => generator.due(nowMs, ROUND_TRIP_MS).length > 0);
    expect(asked).toEqual([0, 50, 150, 350]);
  });

  it('waits its least spacing when the round trip is shorter', () => {
    const generator = received([1, 3]);
    expect(generator.due(0, 1)).toEqual([2]);
    expect(generator.due(19, 1)).toEqual([]);
    expect(generator.due(20, 1)).toEqual([2]);
  });

  it('tells new, recovered and duplicate packets apart', () => {
    const generator = new NackGenerator();
    expect(generator.onPacket(10, 0)).toBe('new');
    expect(generator.onPacket(10, 0)).toBe('duplicate');
    expect(generator.onPacket(14, 0)).toBe('new');
    expect(generator.onPacket(11, 0)).toBe('new'); // reordered, never asked for
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([12, 13]);
    expect(generator.onRetransmission(12, 30)).toBe('recovered');
    expect(generator.onRetransmission(12, 30)).toBe('duplicate');
    expect(generator.onPacket(13, 30)).toBe('recovered');
    expect(generator.onPacket(9, 30)).toBe('new'); // from before the first
    expect(generator).toMatchObject({ missing: 0, recovered: 2, givenUp: 0 });
    expect(generator.takeKeyframeNeed()).toBe(false);
  });

  it('gives up after its tries, and then needs a keyframe once', () => {
    const generator = received([1, 3], new NackGenerator({ maxTries: 3, backoff: 1 }));
    const asked = [0, 50, 100, 150].map((nowMs) => generator.due(nowMs, ROUND_TRIP_MS).length);
    expect(asked).toEqual([1, 1, 1, 0]);
    expect(generator).toMatchObject({ missing: 0, givenUp: 1 });
    expect(generator.takeKeyframeNeed()).toBe(true);
    expect(generator.takeKeyframeNeed()).toBe(false);
  });

  it('forwards a packet that comes after it was given up', () => {
    const generator = received([1, 3], new NackGenerator({ maxTries: 0 }));
    generator.due(0, ROUND_TRIP_MS);
    expect(generator.onPacket(2, 10)).toBe('new');
    expect(generator.onPacket(2, 10)).toBe('duplicate');
  });

  it('gives up by age, after three round trips at the earliest', () => {
    const generator = received([1, 3], new NackGenerator({ maxAgeMs: 100, backoff: 1 }));
    expect(generator.due(0, 30)).toEqual([2]);
    expect(generator.due(101, 80)).toEqual([2]);
    expect(generator.due(241, 80)).toEqual([]);
    expect(generator.givenUp).toBe(1);
  });

  it('tells how long an answer took, unless it asked twice or the packet was merely late', () => {
    const answers: number[] = [];
    const generator = received([1, 5], new NackGenerator({ onAnswer: (elapsedMs) => answers.push(elapsedMs) }));
    generator.due(10, ROUND_TRIP_MS);
    generator.onRetransmission(2, 42);
    generator.onPacket(3, 43);
    generator.due(100, ROUND_TRIP_MS);
    generator.onRetransmission(4, 130);
    generator.onRetransmission(4, 131);
    expect(answers).toEqual([32]);
  });

  it('asks for the oldest first, no more than fit one request', () => {
    const generator = received([0, 10], new NackGenerator({ maxPerRequest: 4 }));
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([1, 2, 3, 4]);
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([5, 6, 7, 8]);
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([9]);
  });

  it('forgets what lies before a keyframe', () => {
    const generator = received([65_530, 65_535, 5]);
    generator.onKeyframe(2);
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([2, 3, 4]);
    expect(generator.givenUp).toBe(6);
    expect(generator.takeKeyframeNeed()).toBe(false);
  });

  it('holds no more than its window', () => {
    const generator = new NackGenerator({ maxGap: 101 });
    for (let sequence = 0; sequence < 2000; sequence += 2) generator.onPacket(sequence, 0);
    expect(generator.missing).toBe(51);
    expect(generator.givenUp).toBe(999 - 51);
    expect(generator.takeKeyframeNeed()).toBe(true);
  });

  it('starts over and needs a keyframe after a jump ahead', () => {
    const generator = received([1, 3, 1005]);
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([]);
    expect(generator.givenUp).toBe(1);
    expect(generator.takeKeyframeNeed()).toBe(true);
    expect(generator.onPacket(1007, 0)).toBe('new');
    expect(generator.due(0, ROUND_TRIP_MS)).toEqual([1006]);
  });

  it('still knows after a jump ahead what came before it', () => {
    const generator = received([100, 101, 103, 1500]);
    expect(generator.onRetransmission(101, 0)).toBe('duplicate');
    expect(generator.onPacket(103, 0)).toBe('duplicate');
    expect(generator.onRetransmission(102, 0)).toBe('new');
    expect(generator.onRetransmission(102, 0)).toBe('duplicate');
  });

  it('repairs a gap of exactly its bound', () => {
    const generator = received([1, 1001]);
    expect(generator.missing).toBe(999);
    expect(generator.takeKeyframeNeed()).toBe(false);
  });

  it('ignores one stray packet from far behind and follows a sender that has jumped back', () => {
    const generator = received([30_000]);
    expect(generator.onPacket(5, 0)).toBe('duplicate');
    expect(generator.onPacket(30_001, 0)).toBe('new');
    expect(generator.onPacket(100, 0)).toBe('duplicate');
    expect(generator.onPacket(101, 0)).toBe('new');
    expect(generator.takeKeyframeNeed()).toBe(true);
    expect(generator.onPacket(102, 0)).toBe('new');
  });

  it('takes what it saw before a jump for new', () => {
    const generator = received([5000, 100, 101, 4999]);
    expect(generator.onPacket(5000, 0)).toBe('new');
  });

  it('takes packets from before the first for new, across the wrap too', () => {
    const generator = received([0]);
    expect(generator.onPacket(65_535, 0)).toBe('new');
    expect(generator.onPacket(65_535, 0)).toBe('duplicate');
  });

  it('is not moved by retransmissions from far away, nor begun by one', () => {
    const generator = new NackGenerator();
    expect(generator.onRetransmission(500, 0)).toBe('duplicate');
    expect(generator.onPacket(30_000, 0)).toBe('new');
    for (const sequenceNumber of [5, 6, 7, 32_000]) expect(generator.onRetransmission(sequenceNumber, 0)).toBe('duplicate');
    expect(generator.onPacket(30_001, 0)).toBe('new');
    expect(generator.missing).toBe(0);
  });

  it('refuses a window that its memory does not cover', () => {
    expect(() => new NackGenerator({ maxGap: 2048 })).toThrow(RangeError);
    expect(() => new NackGenerator({ maxGap: 0 })).toThrow(RangeError);
  });

  it('recovers every loss and passes every packet once, over wraps, with lost retransmissions', () => {
    const packet = fc.record({ lost: fc.boolean(), retransmissionsLost: fc.nat(3), duplicated: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(packet, { minLength: 2, maxLength: 300 }), (start, packets) => {
        const generator = new NackGenerator();
        const passed: number[] = [];
        const lossesLeft = new Map(packets.map((item, index) => [(start + index) & 0xffff, item.retransmissionsLost]));
        let now = 0;
        const deliver = (sequenceNumber: number, how: 'onPacket' | 'onRetransmission') => {
          if (generator[how](sequenceNumber, now) !== 'duplicate') passed.push(sequenceNumber);
        };
        const answerNacks = () => {
          for (const sequenceNumber of generator.due(now, 10)) {
            const left = lossesLeft.get(sequenceNumber) ?? 0;
            lossesLeft.set(sequenceNumber, left - 1);
            if (left <= 0) deliver(sequenceNumber, 'onRetransmission');
          }
        };
        packets.forEach((item, index) => {
          const sequenceNumber = (start + index) & 0xffff;
          const isEnd = index === 0 || index === packets.length - 1;
          if (isEnd || !item.lost) deliver(sequenceNumber, 'onPacket');
          if (item.duplicated && !item.lost) deliver(sequenceNumber, 'onPacket');
          answerNacks();
          now += 5;
        });
        for (let round = 0; round < 40; round++, now += 20) answerNacks();

        expect(generator).toMatchObject({ missing: 0, givenUp: 0 });
        expect(passed.toSorted((a, b) => a - b)).toEqual([...lossesLeft.keys()].toSorted((a, b) => a - b));
      }),
    );
  });
});
