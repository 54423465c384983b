import { describe, expect, it } from 'vitest';
import { RateMeter } from './rate-meter.ts';

describe('RateMeter', () => {
  it('counts the bits of the last second', () => {
    const meter = new RateMeter();
    for (let at = 50_000; at < 55_000; at += 10) meter.add(125, at);
    expect(meter.bitrate(54_999)).toBe(100_000);
  });

  it('forgets step by step', () => {
    const meter = new RateMeter();
    meter.add(1000, 100);
    meter.add(500, 600);
    expect(meter.bitrate(1099)).toBe(12_000);
    expect(meter.bitrate(1100)).toBe(4000);
    expect(meter.bitrate(1600)).toBe(0);
  });

  it('is zero after a long silence and counts on', () => {
    const meter = new RateMeter();
    meter.add(1000, 0);
    expect(meter.bitrate(1e9)).toBe(0);
    meter.add(125, 1e9);
    expect(meter.bitrate(1e9)).toBe(1000);
  });

  it('takes a time that steps back for the present', () => {
    const meter = new RateMeter();
    meter.add(125, 5000);
    meter.add(125, 3000);
    expect(meter.bitrate(5000)).toBe(2000);
  });
});
