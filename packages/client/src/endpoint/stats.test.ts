import { expect, test } from 'vitest';
import { type StatsObject, measure } from './stats.ts';

const codecs: StatsObject[] = [
  { id: 'c1', type: 'codec', timestamp: 0, mimeType: 'video/VP8' },
  { id: 'c2', type: 'codec', timestamp: 0, mimeType: 'audio/opus' },
];

function inbound(kind: string, timestamp: number, fields: Record<string, unknown>): StatsObject {
  return { id: `in-${kind}`, type: 'inbound-rtp', kind, timestamp, codecId: kind === 'video' ? 'c1' : 'c2', ...fields };
}

function outbound(timestamp: number, fields: Record<string, unknown>): StatsObject {
  return { id: `out-${JSON.stringify(fields)}`, type: 'outbound-rtp', kind: 'video', timestamp, codecId: 'c1', ...fields };
}

/** Of the second report, after the first. */
function measureBoth(first: readonly StatsObject[], second: readonly StatsObject[]) {
  return measure(second, measure(first, undefined, 0).counters, 0).stats;
}

test('rates are differences between two reports', () => {
  const first = measure(
    [...codecs, inbound('audio', 1_000, { bytesReceived: 1_000, packetsReceived: 50, packetsLost: 0 }), inbound('video', 1_000, { bytesReceived: 10_000, packetsReceived: 100, packetsLost: 2, framesDecoded: 10 })],
    undefined,
    5,
  );
  expect(first.stats).toMatchObject({ atMs: 5, sent: undefined, received: { bitrate: undefined, framesPerSecond: undefined, loss: undefined } });

  const second = measure(
    [
      ...codecs,
      inbound('audio', 3_000, { bytesReceived: 2_000, packetsReceived: 100, packetsLost: 0, jitter: 0.001 }),
      inbound('video', 3_000, { bytesReceived: 34_000, packetsReceived: 240, packetsLost: 12, framesDecoded: 60, frameWidth: 1280, frameHeight: 720, framesDropped: 3, jitter: 0.004 }),
      { id: 'p', type: 'candidate-pair', timestamp: 3_000, nominated: true, state: 'succeeded', currentRoundTripTime: 0.023, availableOutgoingBitrate: 300_000 },
    ],
    first.counters,
    6,
  );
  expect(second.stats).toEqual({
    atMs: 6,
    sent: undefined,
    received: { bitrate: 100_000, width: 1280, height: 720, framesPerSecond: 25, framesDropped: 3, jitterMs: 4, loss: 10 / 200, codecs: ['VP8', 'opus'] },
    roundTripMs: 23,
    availableBitrate: 300_000,
  });
});

test('a late packet does not make the loss negative, and silence makes none', () => {
  const start = inbound('video', 1_000, { packetsReceived: 100, packetsLost: 5 });
  expect(measureBoth([start], [inbound('video', 2_000, { packetsReceived: 110, packetsLost: 3 })]).received?.loss).toBe(0);
  expect(measureBoth([start], [inbound('video', 2_000, { packetsReceived: 100, packetsLost: 5 })]).received?.loss).toBeUndefined();
});

test('media that begins later has no rate at first', () => {
  expect(measureBoth([], [inbound('video', 2_000_000, { bytesReceived: 1_000 })]).received?.bitrate).toBeUndefined();
});

test('what is sent takes loss, jitter and round trip from the receiver reports', () => {
  const report = (id: string, fractionLost: number): StatsObject => ({ id, type: 'remote-inbound-rtp', timestamp: 1, fractionLost, roundTripTime: 0.04, jitter: 0.01 });
  const { stats } = measure([outbound(1_000, { bytesSent: 1 }), report('a', 0.01), report('b', 0.2)], undefined, 0);
  expect(stats).toMatchObject({ received: undefined, sent: { loss: 0.2, jitterMs: 10 }, roundTripMs: 40 });
});

test('of simulcast layers the largest is shown and all are counted', () => {
  const layers = (timestamp: number, bytes: number) => [
    outbound(timestamp, { rid: 'l', frameWidth: 320, frameHeight: 180, bytesSent: bytes, framesEncoded: timestamp / 100 }),
    outbound(timestamp, { rid: 'h', frameWidth: 1280, frameHeight: 720, bytesSent: bytes, framesEncoded: timestamp / 40 }),
  ];
  expect(measureBoth(layers(1_000, 0), layers(2_000, 1_000)).sent).toMatchObject({ width: 1280, height: 720, bitrate: 16_000, framesPerSecond: 25 });
});

test('an empty report knows nothing', () => {
  expect(measure([], undefined, 1).stats).toEqual({ atMs: 1, sent: undefined, received: undefined, roundTripMs: undefined, availableBitrate: undefined });
});
