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

test('rates are differences between two reports', () => {
  const first = measure(
    [
      ...codecs,
      inbound('audio', 1_000, { bytesReceived: 1_000, packetsReceived: 50, packetsLost: 0 }),
      inbound('video', 1_000, { bytesReceived: 10_000, packetsReceived: 100, packetsLost: 2, framesDecoded: 10 }),
    ],
    'in',
    undefined,
  );
  expect(first.stats).toMatchObject({ bitrate: undefined, framesPerSecond: undefined, loss: undefined });

  const second = measure(
    [
      ...codecs,
      inbound('audio', 3_000, { bytesReceived: 2_000, packetsReceived: 100, packetsLost: 0 }),
      inbound('video', 3_000, { bytesReceived: 34_000, packetsReceived: 240, packetsLost: 12, framesDecoded: 60, frameWidth: 1280, frameHeight: 720 }),
      { id: 'p', type: 'candidate-pair', timestamp: 3_000, nominated: true, state: 'succeeded', currentRoundTripTime: 0.023 },
    ],
    'in',
    first.counters,
  );
  expect(second.stats).toEqual({
    bitrate: 100_000,
    width: 1280,
    height: 720,
    framesPerSecond: 25,
    loss: 10 / 200,
    roundTripMs: 23,
    codecs: ['VP8', 'opus'],
  });
});

test('a late packet does not make the loss negative, and silence makes none', () => {
  const { counters } = measure([inbound('video', 1_000, { packetsReceived: 100, packetsLost: 5 })], 'in', undefined);
  const late = measure([inbound('video', 2_000, { packetsReceived: 110, packetsLost: 3 })], 'in', counters);
  expect(late.stats.loss).toBe(0);
  const silent = measure([inbound('video', 2_000, { packetsReceived: 100, packetsLost: 5 })], 'in', counters);
  expect(silent.stats.loss).toBeUndefined();
});

test('what is sent takes loss and round trip from the receiver reports', () => {
  const report = (id: string, fractionLost: number): StatsObject => ({ id, type: 'remote-inbound-rtp', timestamp: 1, fractionLost, roundTripTime: 0.04 });
  const { stats } = measure([outbound(1_000, { bytesSent: 1 }), report('a', 0.01), report('b', 0.2)], 'out', undefined);
  expect(stats).toMatchObject({ loss: 0.2, roundTripMs: 40 });
});

test('of simulcast layers the largest is shown and all are counted', () => {
  const layers = (timestamp: number, bytes: number) => [
    outbound(timestamp, { rid: 'l', frameWidth: 320, frameHeight: 180, bytesSent: bytes, framesEncoded: timestamp / 100 }),
    outbound(timestamp, { rid: 'h', frameWidth: 1280, frameHeight: 720, bytesSent: bytes, framesEncoded: timestamp / 40 }),
  ];
  const { counters } = measure(layers(1_000, 0), 'out', undefined);
  const { stats } = measure(layers(2_000, 1_000), 'out', counters);
  expect(stats).toMatchObject({ width: 1280, height: 720, bitrate: 16_000, framesPerSecond: 25 });
});

test('an empty report knows nothing', () => {
  expect(measure([], 'in', undefined).stats).toEqual({
    bitrate: undefined,
    width: undefined,
    height: undefined,
    framesPerSecond: undefined,
    loss: undefined,
    roundTripMs: undefined,
    codecs: [],
  });
});
