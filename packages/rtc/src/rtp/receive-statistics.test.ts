import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceiveStatistics } from './receive-statistics.ts';
import type { ReportBlock } from './rtcp-packets.ts';

const CLOCK_RATE = 90_000;

function statisticsOf(sequenceNumbers: readonly number[]): ReceiveStatistics {
  const received = new ReceiveStatistics(7, CLOCK_RATE);
  for (const sequenceNumber of sequenceNumbers) received.onPacket(sequenceNumber, 0, 100, 0);
  return received;
}

function reportOf(received: ReceiveStatistics, nowMs = 0): ReportBlock {
  const report = received.report(nowMs);
  if (!report) throw new Error('There is no report.');
  return report;
}

describe('ReceiveStatistics', () => {
  it('reports nothing before the first packet', () => {
    expect(new ReceiveStatistics(7, CLOCK_RATE).report(0)).toBeUndefined();
    expect(new ReceiveStatistics(7, CLOCK_RATE).packetsLost).toBe(0);
  });

  it('counts packets, bytes and bitrate', () => {
    const received = statisticsOf([1, 2, 3, 4]);
    expect(received).toMatchObject({ packets: 4, bytes: 400, packetsLost: 0 });
    expect(received.bitrate(0)).toBe(3200);
  });

  it('reports losses in all and since the report before', () => {
    const received = statisticsOf([1, 2, 5, 6]);
    expect(reportOf(received)).toMatchObject({ ssrc: 7, fractionLost: Math.floor((2 * 256) / 6), packetsLost: 2, extendedHighestSequence: 6 });
    received.onPacket(7, 0, 100, 0);
    expect(reportOf(received)).toMatchObject({ fractionLost: 0, packetsLost: 2 });
    expect(reportOf(received)).toMatchObject({ fractionLost: 0, packetsLost: 2 });
  });

  it('takes a late packet for received and a duplicate for one more', () => {
    const received = statisticsOf([1, 3, 2]);
    expect(received.packetsLost).toBe(0);
    received.onPacket(3, 0, 100, 0);
    expect(reportOf(received)).toMatchObject({ packetsLost: -1, fractionLost: 0 });
  });

  it('counts cycles over the wrap, with late packets from before it', () => {
    const received = statisticsOf([65_534, 0, 65_535, 1]);
    expect(reportOf(received)).toMatchObject({ extendedHighestSequence: 0x1_0001, packetsLost: 0 });
  });

  it('ignores one stray sequence number and follows a restart (RFC 3550 appendix A.1)', () => {
    const received = statisticsOf([1, 2, 30_000, 3]);
    expect(reportOf(received)).toMatchObject({ extendedHighestSequence: 3, packetsLost: 0 });
    received.onPacket(40_000, 0, 100, 0);
    received.onPacket(40_001, 0, 100, 0);
    received.onPacket(40_003, 0, 100, 0);
    expect(reportOf(received)).toMatchObject({ extendedHighestSequence: 40_003, packetsLost: 1 });
  });

  it('holds the loss within 24 bits', () => {
    const received = statisticsOf([]);
    for (let sequence = 0; sequence < 2 ** 23 * 1.1; sequence += 2999) received.onPacket(sequence & 0xffff, 0, 1, 0);
    expect(received.packetsLost).toBeGreaterThan(0x7f_ffff);
    expect(reportOf(received)).toMatchObject({ packetsLost: 0x7f_ffff, fractionLost: 255 });
  });

  it('has no jitter when packets come as evenly as they were sent, over the wrap of the timestamp', () => {
    const received = new ReceiveStatistics(7, CLOCK_RATE);
    for (let index = 0; index < 100; index++) received.onPacket(index, (0xffff_f000 + index * 3000) >>> 0, 1, (index * 3000 * 1000) / CLOCK_RATE);
    expect(reportOf(received).jitter).toBe(0);
  });

  it('smooths jitter by a sixteenth (RFC 3550 appendix A.8)', () => {
    const received = new ReceiveStatistics(7, CLOCK_RATE);
    received.onPacket(0, 0, 1, 1000);
    received.onPacket(1, 900, 1, 1010 + 16);
    expect(reportOf(received).jitter).toBe((16 * 90) / 16);
    expect(received.jitterMs).toBe(1);
    received.onPacket(2, 1800, 1, 1020 + 16);
    expect(received.jitterMs).toBe(15 / 16);
  });

  it('does not take a jump of the timestamp for jitter', () => {
    const received = new ReceiveStatistics(7, CLOCK_RATE);
    received.onPacket(0, 0, 1, 0);
    received.onPacket(1, 0x8000_0000, 1, 10);
    received.onPacket(2, 0x8000_0000 + 900, 1, 20);
    expect(received.jitterMs).toBe(0);
  });

  it('answers the sender report with its time and its age', () => {
    const received = statisticsOf([1]);
    expect(reportOf(received, 500)).toMatchObject({ lastSenderReport: 0, delaySinceLastSenderReport: 0 });
    received.onSenderReport(0xb44d_b705_2000_0000n, 1000);
    expect(reportOf(received, 6250)).toMatchObject({ lastSenderReport: 0xb705_2000, delaySinceLastSenderReport: 0x0005_4000 });
  });

  it('stays within the fields of a report block, whatever comes', () => {
    const packet = fc.record({
      sequenceNumber: fc.nat(0xffff),
      timestamp: fc.nat(0xffff_ffff),
      waitMs: fc.oneof(fc.nat(50), fc.nat(100_000)),
    });
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 200 }), (packets) => {
        const received = new ReceiveStatistics(7, CLOCK_RATE);
        let now = 0;
        for (const { sequenceNumber, timestamp, waitMs } of packets) {
          now += waitMs;
          received.onPacket(sequenceNumber, timestamp, 1, now);
          const report = reportOf(received, now);
          expect(report.fractionLost).toBeLessThanOrEqual(255);
          expect(report.fractionLost).toBeGreaterThanOrEqual(0);
          expect(report.jitter).toBe(report.jitter >>> 0);
          expect(report.extendedHighestSequence & 0xffff).toBeLessThanOrEqual(0xffff);
          expect(Math.abs(report.packetsLost)).toBeLessThanOrEqual(0x80_0000);
        }
      }),
    );
  });

  it('counts like a list of what was sent and what came', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(fc.boolean(), { maxLength: 500 }), (start, arrived) => {
        const received = statisticsOf([start]);
        arrived.forEach((came, index) => {
          if (came) received.onPacket((start + 1 + index) & 0xffff, 0, 1, 0);
        });
        const last = arrived.lastIndexOf(true);
        const lost = arrived.slice(0, last + 1).filter((came) => !came).length;
        expect(received.packetsLost).toBe(lost);
        expect(reportOf(received).extendedHighestSequence).toBe(start + 1 + last);
      }),
    );
  });
});
