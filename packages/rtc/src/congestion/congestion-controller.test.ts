import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundTrip } from '../rtp/round-trip.ts';
import { CongestionController } from './congestion-controller.ts';
import { SimulatedViewer } from './testing/simulated-viewer.ts';

const MBIT = 1_000_000;
const LIMITS = { minBitrate: 50_000, startBitrate: MBIT, maxBitrate: 50 * MBIT };

describe('on a path that is full', () => {
  it.each([0.5, 3, 10])('finds the %d Mbit/s of the path in seconds and stays there', (megabits) => {
    const capacity = megabits * MBIT;
    const viewer = new SimulatedViewer({ path: { capacity }, desiredBitrate: 20 * MBIT });
    expect(viewer.runUntil((target) => target >= 0.8 * capacity && target <= 1.1 * capacity, 5)).toBeDefined();
    viewer.run(10);
    const { mean, arrived } = viewer.run(60);
    expect(mean / capacity).toBeGreaterThan(0.8);
    expect(mean / capacity).toBeLessThan(1.05);
    expect(arrived / capacity).toBeGreaterThan(0.8);
  });

  it('gets there without probes too', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT } });
    expect(viewer.runUntil((target) => target > 2.4 * MBIT, 20)).toBeDefined();
    expect(viewer.probeBytes).toBe(0);
  });

  it('backs off within about a second after the capacity has halved, and comes back', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT } });
    viewer.run(25);
    viewer.path.conditions.capacity = 1.5 * MBIT;
    expect(viewer.runUntil((target) => target < 1.5 * MBIT, 10)).toBeLessThan(1.5);
    expect(viewer.run(10).least).toBeGreaterThan(0.7 * MBIT);
    viewer.path.conditions.capacity = 3 * MBIT;
    expect(viewer.runUntil((target) => target > 2.4 * MBIT, 20)).toBeDefined();
  });

  it('finds the bandwidth by losses when the path drops what it cannot queue', () => {
    const viewer = new SimulatedViewer({ path: { capacity: MBIT, maxQueueMs: 50 }, media: () => 2 * MBIT });
    viewer.run(5);
    const { least, most } = viewer.run(20);
    expect(least).toBeGreaterThan(0.8 * MBIT);
    expect(most).toBeLessThan(1.3 * MBIT);
  });

  it('follows what arrives when more is sent than the target', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT }, media: () => 4 * MBIT });
    expect(viewer.runUntil((target) => target > 3.6 * MBIT, 10)).toBeDefined();
  });
});

describe('on a path with room', () => {
  it.each([0.02, 0.05, 0.1])('%d random loss takes nothing away', (loss) => {
    const viewer = new SimulatedViewer({ path: { capacity: 20 * MBIT, loss }, media: () => 2 * MBIT });
    viewer.run(5);
    expect(viewer.run(60).least).toBeGreaterThan(1.9 * MBIT);
  });

  it('10 % random loss leaves most of a path that is full', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT, loss: 0.1 } });
    viewer.run(30);
    expect(viewer.run(60).mean).toBeGreaterThan(1.8 * MBIT);
  });

  it.each([false, true])('jitter of 30 ms is no overuse (reordering: %s)', (reorders) => {
    const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT, jitterMs: 30, reorders }, media: () => 1.5 * MBIT });
    viewer.run(5);
    expect(viewer.run(60).least).toBeGreaterThan(1.5 * MBIT);
  });

  it('a burst of losses is forgotten', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 5 * MBIT }, media: () => 1.5 * MBIT });
    viewer.run(10);
    viewer.path.conditions.loss = 1;
    viewer.run(0.2);
    viewer.path.conditions.loss = 0;
    expect(viewer.runUntil((target) => target > 1.5 * MBIT, 3)).toBeDefined();
  });

  it('a sender that sends little learns nothing of more', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 50 * MBIT }, media: () => 500_000 });
    expect(viewer.run(120).most).toBe(MBIT);
    const slow = new SimulatedViewer({ path: { capacity: 50 * MBIT }, media: () => 500_000, controller: { startBitrate: 300_000 } });
    expect(slow.run(120).most).toBeLessThan(900_000);
  });
});

describe('probes', () => {
  it('find the room for a better layer within a second, and cost little', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT }, media: () => 500_000, desiredBitrate: 3 * MBIT });
    expect(viewer.runUntil((target) => target > 3 * MBIT, 5)).toBeLessThan(1);
    expect(viewer.probeBytes).toBeLessThan(50_000);
  });

  it('find it through jitter and loss too', () => {
    const path = { capacity: 10 * MBIT, jitterMs: 30, loss: 0.05 };
    const viewer = new SimulatedViewer({ path, media: () => 500_000, desiredBitrate: 3 * MBIT });
    expect(viewer.runUntil((target) => target > 3 * MBIT, 60)).toBeDefined();
  });

  it('that find nothing leave the media its rate, and become rare', () => {
    const viewer = new SimulatedViewer({ path: { capacity: MBIT }, media: () => 500_000, desiredBitrate: 3 * MBIT });
    viewer.run(60);
    const before = viewer.probeBytes;
    const { least, most } = viewer.run(120);
    expect(least).toBeGreaterThan(500_000);
    expect(most).toBeLessThan(1.05 * MBIT);
    expect(viewer.probeBytes - before).toBeLessThan(0.02 * 120 * (500_000 / 8));
  });

  it('bring a viewer back to the better layer after the path has recovered', () => {
    const layer = (target: number) => (target > 2.2 * MBIT ? 2 * MBIT : 500_000);
    const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT }, media: layer, desiredBitrate: 2 * MBIT });
    expect(viewer.runUntil((target) => target > 2.2 * MBIT, 10)).toBeDefined();
    viewer.path.conditions.capacity = MBIT;
    expect(viewer.runUntil((target) => target < MBIT, 5)).toBeDefined();
    expect(viewer.run(30).most).toBeLessThan(1.1 * MBIT);
    viewer.path.conditions.capacity = 10 * MBIT;
    expect(viewer.runUntil((target) => target > 2.2 * MBIT, 30)).toBeDefined();
  });
});

describe('feedback', () => {
  it('goes on over the wrap of sequence numbers and of the reference time', () => {
    const capacity = 10 * MBIT;
    const viewer = new SimulatedViewer({ path: { capacity }, desiredBitrate: 20 * MBIT, receiverClockMs: 2 ** 23 * 64 - 30_000 });
    viewer.run(10);
    const { least, most } = viewer.run(110);
    expect(least).toBeGreaterThan(0.7 * capacity);
    expect(most).toBeLessThan(1.3 * capacity);
  });

  it('may get lost and reordered', () => {
    const feedbackPath = { loss: 0.3, jitterMs: 100, reorders: true };
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT }, feedbackPath, desiredBitrate: 5 * MBIT });
    viewer.run(10);
    const { least, mean } = viewer.run(60);
    expect(least).toBeGreaterThan(1.2 * MBIT);
    expect(mean).toBeGreaterThan(2 * MBIT);
    expect(mean).toBeLessThan(3.6 * MBIT);
  });

  it('of which half is lost does not pass for a path of half the rate', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 5 * MBIT }, feedbackPath: { loss: 0.5 } });
    expect(viewer.runUntil((target) => target > 2 * MBIT, 15)).toBeDefined();
  });

  it.each([10_000_000, -2_000_000, 400])('survives a clock of the receiver that jumps by %d ms', (jump) => {
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT }, media: () => 2 * MBIT });
    viewer.run(10);
    viewer.receiverClockMs += jump;
    viewer.run(3);
    expect(viewer.run(20).least).toBeGreaterThan(1.7 * MBIT);
  });

  it('survives a process that was asleep', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 3 * MBIT }, media: () => 2 * MBIT });
    viewer.run(10);
    viewer.now += 10_000_000;
    viewer.run(3);
    expect(viewer.run(20).least).toBeGreaterThan(1.9 * MBIT);
  });

  it('that stays away brings the rate down, and brings it back when it comes again', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 5 * MBIT }, media: () => 2 * MBIT });
    viewer.run(10);
    viewer.feedbackPath.conditions.loss = 1;
    expect(viewer.runUntil((target) => target < 0.5 * MBIT, 20)).toBeDefined();
    viewer.feedbackPath.conditions.loss = 0;
    expect(viewer.runUntil((target) => target > 1.7 * MBIT, 5)).toBeDefined();
  });

  it('is no silence while nothing is sent', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: true });
    for (let now = 0; now < 60_000; now += 5) controller.tick(now);
    expect(controller.targetBitrate).toBe(MBIT);
  });

  it('tells the round trip while no report does', () => {
    const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT, delayMs: 30 }, feedbackPath: { delayMs: 40 } });
    viewer.run(5);
    expect(viewer.roundTrip.ms).toBeGreaterThanOrEqual(70);
    expect(viewer.roundTrip.ms).toBeLessThan(130);
  });

  it('with any numbers leaves a target within the limits', () => {
    const arrival = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer()), { nil: undefined });
    const feedback = fc.record({
      type: fc.constant('transport-cc' as const),
      senderSsrc: fc.nat(),
      mediaSsrc: fc.nat(),
      baseSequenceNumber: fc.oneof(fc.nat(200), fc.nat(0xffff)),
      referenceTime: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
      feedbackCount: fc.nat(255),
      arrivals: fc.array(arrival, { maxLength: 40 }),
    });
    const step = fc.oneof(
      fc.record({ send: fc.nat(70_000), wait: fc.oneof(fc.nat(100), fc.integer()) }),
      fc.record({ feedback }),
      fc.record({ remb: fc.double({ min: 0, noNaN: true }) }),
      fc.record({ fractionLost: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ desired: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 100 }), (transportCc, steps) => {
        const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc });
        let now = 0;
        for (const action of steps) {
          if ('send' in action) controller.onPacketSent(action.send, (now += action.wait));
          else if ('feedback' in action) controller.onFeedback(action.feedback, now);
          else if ('remb' in action) controller.onRemb(action.remb, now);
          else if ('desired' in action) controller.desiredBitrate = action.desired;
          else controller.onReceiverReport(action.fractionLost, now);
          controller.tick(now);
          expect(controller.probeWanted(now)?.bytes ?? 1).toBeGreaterThan(0);
          expect(controller.targetBitrate).toBeGreaterThanOrEqual(LIMITS.minBitrate);
          expect(controller.targetBitrate).toBeLessThanOrEqual(LIMITS.maxBitrate);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('without transport-wide feedback', () => {
  /** Sends at `rate` and reports once a second, losing what exceeds `capacity` and `loss` of the rest. */
  function report(controller: CongestionController, seconds: number, from: number, rate: number, capacity: number, loss: number): number {
    let now = from;
    for (let second = 0; second < seconds; second++) {
      for (let sent = 0; sent < rate / 8; sent += 1200) controller.onPacketSent(1200, (now += (1000 * 1200 * 8) / rate));
      const excess = Math.max(0, 1 - capacity / rate);
      controller.onReceiverReport(Math.round((excess + (1 - excess) * loss) * 256) / 256, now);
      controller.tick(now);
    }
    return now;
  }

  it('gives out no number and asks for no probe', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: false });
    controller.desiredBitrate = 10 * MBIT;
    expect(controller.onPacketSent(1200, 0)).toBe(0);
    expect(controller.onPacketSent(1200, 1)).toBe(0);
    expect(controller.probeWanted(2)).toBeUndefined();
  });

  it('takes the estimate of the receiver, within the limits', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: false });
    controller.onRemb(2.5 * MBIT, 0);
    expect(controller.targetBitrate).toBe(2.5 * MBIT);
    controller.onRemb(0, 100);
    expect(controller.targetBitrate).toBe(LIMITS.minBitrate);
  });

  it('grows while reports say that all is well, and keeps through random loss', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: false });
    const now = report(controller, 20, 0, 2 * MBIT, 10 * MBIT, 0);
    expect(controller.targetBitrate).toBeGreaterThan(2 * MBIT);
    report(controller, 30, now, 2 * MBIT, 10 * MBIT, 0.05);
    expect(controller.targetBitrate).toBeGreaterThan(1.9 * MBIT);
  });

  it('goes down to what a path carries by its losses', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: false });
    const now = report(controller, 10, 0, 2 * MBIT, 10 * MBIT, 0);
    report(controller, 10, now, 2 * MBIT, MBIT, 0);
    expect(controller.targetBitrate).toBeLessThan(1.3 * MBIT);
    expect(controller.targetBitrate).toBeGreaterThan(0.8 * MBIT);
  });

  it('counts reports too when feedback was agreed to and never comes', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: true });
    const now = report(controller, 20, 0, 2 * MBIT, 10 * MBIT, 0);
    expect(controller.targetBitrate).toBeGreaterThan(2 * MBIT);
    report(controller, 20, now, 2 * MBIT, MBIT, 0);
    expect(controller.targetBitrate).toBeLessThan(1.3 * MBIT);
  });

  it('goes down when the receiver falls silent', () => {
    const controller = new CongestionController({ ...LIMITS, roundTrip: new RoundTrip(), transportCc: false });
    let now = report(controller, 5, 0, 2 * MBIT, 10 * MBIT, 0);
    const before = controller.targetBitrate;
    for (let step = 0; step < 1000; step++) {
      controller.onPacketSent(1200, (now += 5));
      controller.tick(now);
    }
    expect(controller.targetBitrate).toBeLessThan(before / 2);
  });
});

it('takes the estimate of a receiver that has both as an upper bound', () => {
  const viewer = new SimulatedViewer({ path: { capacity: 10 * MBIT }, desiredBitrate: 8 * MBIT });
  viewer.run(5);
  viewer.controller.onRemb(2 * MBIT, viewer.now);
  expect(viewer.run(5).most).toBe(2 * MBIT);
  viewer.controller.onRemb(20 * MBIT, viewer.now);
  expect(viewer.runUntil((target) => target > 3 * MBIT, 20)).toBeDefined();
});
