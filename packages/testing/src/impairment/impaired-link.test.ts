import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImpairedLink } from './impaired-link.ts';
import type { LinkImpairment } from './link-impairment.ts';

const BYTES = 1_000;

function createLink(impairment: LinkImpairment, { seed = 1, maxQueued = 10_000 } = {}) {
  const clock = new FakeClock();
  const delivered: number[] = [];
  const link = new ImpairedLink<number>({ impairment, seed, clock, maxQueued, deliver: (value) => delivered.push(value) });
  return { clock, delivered, link };
}

/** Sends packets 0, 1, 2, … at one moment, and waits until all have arrived. */
async function send(count: number, impairment: LinkImpairment, options?: { seed?: number; maxQueued?: number }) {
  const fixture = createLink(impairment, options);
  for (let index = 0; index < count; index++) fixture.link.take(index, BYTES);
  await fixture.clock.advance(120_000);
  return { ...fixture, counters: fixture.link.counters };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Lengths of the runs of packets that are missing. */
function gaps(delivered: readonly number[]): number[] {
  return delivered.slice(1).map((value, index) => value - (delivered[index] ?? 0) - 1).filter((gap) => gap > 0);
}

test('without impairment every packet is delivered at once', () => {
  const { link, delivered, clock } = createLink({});
  for (const index of numbers(10)) link.take(index, BYTES);
  expect(delivered).toEqual(numbers(10));
  expect(clock.pending).toBe(0);
});

describe('loss', () => {
  test('takes the share that it should, with every seed', async () => {
    for (const seed of numbers(10)) {
      const { counters } = await send(10_000, { loss: 0.1 }, { seed });
      // Four standard deviations of a binomial distribution.
      expect(Math.abs(counters.lost - 1_000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.1 * 0.9));
    }
  });

  test('takes the same packets with the same seed, others with another', async () => {
    const first = await send(1_000, { loss: 0.1 }, { seed: 7 });
    const again = await send(1_000, { loss: 0.1, duplicate: 0, delayMs: 5, jitterMs: 3 }, { seed: 7 });
    const other = await send(1_000, { loss: 0.1 }, { seed: 8 });
    expect(again.delivered).toEqual(first.delivered);
    expect(other.delivered).not.toEqual(first.delivered);
  });

  test('in bursts has their mean length and share', async () => {
    const { delivered, counters } = await send(100_000, { burst: { start: 0.01, end: 0.25 } });
    const lengths = gaps(delivered);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeCloseTo(4, 0);
    // Share of the bad state: start / (start + end).
    expect(counters.lost / 100_000).toBeCloseTo(0.01 / 0.26, 2);
  });

  test('in bursts may be partial', async () => {
    const { counters } = await send(100_000, { burst: { start: 0.01, end: 0.25, loss: 0.5 } });
    expect(counters.lost / 100_000).toBeCloseTo(0.5 * (0.01 / 0.26), 2);
  });
});

describe('order', () => {
  test('stays with delay and jitter', async () => {
    const { delivered } = await send(1_000, { delayMs: 50, jitterMs: 100 });
    expect(delivered).toEqual(numbers(1_000));
  });

  test('changes for the share of packets that are held back', async () => {
    const { delivered, counters } = await send(10_000, { reorder: 0.05, reorderMs: 20 });
    expect(delivered).not.toEqual(numbers(10_000));
    expect(delivered.toSorted((a, b) => a - b)).toEqual(numbers(10_000));
    expect(counters.reordered / 10_000).toBeCloseTo(0.05, 2);
  });
});

describe('time', () => {
  test('a delayed packet arrives then and not before', async () => {
    const { link, delivered, clock } = createLink({ delayMs: 40 });
    link.take(1, BYTES);
    await clock.advance(39);
    expect(delivered).toEqual([]);
    await clock.advance(1);
    expect(delivered).toEqual([1]);
  });

  test('packets wait for a narrow link', async () => {
    const { link, delivered, clock } = createLink({ rateKbps: 800 });
    for (const index of numbers(10)) link.take(index, BYTES);
    await clock.advance(50);
    expect(delivered).toEqual(numbers(5));
    await clock.advance(50);
    expect(delivered).toEqual(numbers(10));
  });
});

test('copies of the share that is doubled arrive too', async () => {
  const { delivered, counters } = await send(10_000, { duplicate: 0.2 });
  expect(counters.duplicated / 10_000).toBeCloseTo(0.2, 2);
  expect(delivered).toHaveLength(10_000 + counters.duplicated);
});

test('a full queue drops what comes, and its packets hold up no later ones', async () => {
  const { link, delivered, clock } = createLink({ rateKbps: 800 }, { maxQueued: 3 });
  for (const index of numbers(100)) link.take(index, BYTES);
  expect(link.counters).toMatchObject({ overflowed: 97, queued: 3 });
  await clock.advance(30);
  link.take(100, BYTES);
  await clock.advance(10);
  expect(delivered).toEqual([0, 1, 2, 100]);
});

test('may change while packets flow', async () => {
  const { link, delivered } = createLink({});
  link.take(1, BYTES);
  link.change({ loss: 1 });
  link.take(2, BYTES);
  link.change({});
  link.take(3, BYTES);
  expect(delivered).toEqual([1, 3]);
});

test('closing forgets what is under way and leaves no timer', async () => {
  const { link, delivered, clock } = createLink({ delayMs: 10 });
  link.take(1, BYTES);
  link.close();
  expect(clock.pending).toBe(0);
  await clock.advance(100);
  expect(delivered).toEqual([]);
});

test('counters add up, whatever the impairment', async () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  const impairments = fc.record({
    loss: chance,
    burst: fc.record({ start: chance, end: chance, loss: chance }),
    delayMs: fc.integer({ min: 0, max: 100 }),
    jitterMs: fc.integer({ min: 0, max: 100 }),
    reorder: chance,
    reorderMs: fc.integer({ min: 0, max: 100 }),
    duplicate: chance,
    rateKbps: fc.integer({ min: 1_000, max: 10_000 }),
  });
  await fc.assert(
    fc.asyncProperty(impairments, fc.integer(), fc.integer({ min: 0, max: 150 }), async (impairment, seed, maxQueued) => {
      const { link, clock, delivered } = createLink(impairment, { seed, maxQueued });
      for (const index of numbers(200)) {
        link.take(index, BYTES);
        if (index === 100) await clock.advance(20);
      }
      const during = link.counters;
      expect(during.received + during.duplicated).toBe(during.forwarded + during.lost + during.overflowed + during.queued);
      expect(during.queued).toBeLessThanOrEqual(maxQueued);
      await clock.advance(10_000);
      expect(delivered).toHaveLength(link.counters.forwarded);
      expect(link.counters.queued).toBe(0);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test.each<[LinkImpairment, string]>([
  [{ loss: 1.1 }, 'loss must be 0 to 1'],
  [{ burst: { start: -1, end: 1 } }, 'burst.start must be 0 to 1'],
  [{ delayMs: Number.NaN }, 'delayMs must be 0 to 60000'],
  [{ rateKbps: 0 }, 'rateKbps must be 1 to 10000000'],
])('%j is refused', (impairment, words) => {
  expect(() => createLink(impairment)).toThrowError(expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(words) }));
});
