import { describe, expect, it } from 'vitest';
import { compactDuration, compactNtp, ntpFromUnixMs, receiverRoundTripTimeMs, roundTripTimeMs, unixMsFromNtp } from './ntp.ts';
import type { ReportBlock } from './rtcp-packets.ts';

function answer(lastSenderReport: number, delaySinceLastSenderReport: number): ReportBlock {
  return { ssrc: 1, fractionLost: 0, packetsLost: 0, extendedHighestSequence: 0, jitter: 0, lastSenderReport, delaySinceLastSenderReport };
}

describe('NTP times', () => {
  it('count from 1900', () => {
    expect(ntpFromUnixMs(0)).toBe(2_208_988_800n << 32n);
    expect(ntpFromUnixMs(1500)).toBe(((2_208_988_800n + 1n) << 32n) | 0x8000_0000n);
    expect(unixMsFromNtp(ntpFromUnixMs(1_790_000_000_123.25))).toBeCloseTo(1_790_000_000_123.25, 2);
  });

  it('are compacted to their middle 32 bits', () => {
    expect(compactNtp(0xb44d_b705_2000_0000n)).toBe(0xb705_2000);
    expect(compactDuration(1000)).toBe(65_536);
    expect(compactDuration(-5)).toBe(0);
    expect(compactDuration(1e12)).toBe(0xffff_ffff);
  });

  it('give the round trip of figure 2 in RFC 3550 section 6.4.1', () => {
    const arrival = 0xb44d_b710_8000_0000n;
    expect(roundTripTimeMs(answer(0xb705_2000, 0x0005_4000), arrival)).toBe(6125);
  });

  it('give the round trip over the wrap of the compact time', () => {
    expect(roundTripTimeMs(answer(0xffff_8000, 0), 0x1_0000_8000_0000n)).toBe(1000);
  });

  it('give it by an answer to a receiver reference time too', () => {
    const answer = { ssrc: 1, lastReceiverReport: 0x0002_0000, delaySinceLastReceiverReport: 0x8000 };
    expect(receiverRoundTripTimeMs(answer, 0x3_0000_0000n)).toBe(500);
  });

  it('give none without a sender report, or when it would be negative', () => {
    expect(roundTripTimeMs(answer(0, 0), 1n << 40n)).toBeUndefined();
    expect(roundTripTimeMs(answer(0x0002_0000, 0), 0x1_0000_0000n)).toBeUndefined();
  });
});
