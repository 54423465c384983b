import { describe, expect, it } from 'vitest';
import { RoundTrip } from './round-trip.ts';

describe('RoundTrip', () => {
  it('is unknown at first, and follows what is measured', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip).toMatchObject({ ms: undefined, patienceMs: undefined });
    roundTrip.onAnswer(100, 0);
    expect(roundTrip.ms).toBe(100);
    for (let now = 0; now < 100; now++) roundTrip.onAnswer(40, now);
    expect(roundTrip.ms).toBeCloseTo(40, 1);
    expect(roundTrip.patienceMs).toBeCloseTo(45, 1);
  });

  it('waits longer where the time varies', () => {
    const roundTrip = new RoundTrip();
    for (let now = 0; now < 100; now++) roundTrip.onAnswer(now % 2 === 0 ? 40 : 80, now);
    expect(roundTrip.patienceMs).toBeGreaterThan(80);
  });

  it('believes reports more than answers, while there are reports', () => {
    const roundTrip = new RoundTrip();
    roundTrip.onAnswer(200, 0);
    roundTrip.onReport(30, 1000);
    expect(roundTrip.ms).toBe(30);
    roundTrip.onAnswer(200, 6000);
    expect(roundTrip.ms).toBe(30);
    roundTrip.onAnswer(200, 6001);
    expect(roundTrip.ms).toBeGreaterThan(30);
  });

  it('does not take a clock that jumped for a long path', () => {
    const roundTrip = new RoundTrip();
    for (const sample of [-1, 10_001, Number.NaN]) roundTrip.onReport(sample, 0);
    expect(roundTrip.ms).toBeUndefined();
  });
});
