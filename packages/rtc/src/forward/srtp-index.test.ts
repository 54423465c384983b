import { silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { beforeEach, expect, it } from 'vitest';
import { SEQUENCE_NUMBERS } from '../srtp/packet-cipher.ts';
import { SrtpSender } from '../srtp/srtp-sender.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { LocalMediaTrack } from './local-media-track.ts';
import { TestOutlet, createTestFanOut } from './testing/outbound.ts';
import { VP8, VP8_KEYFRAME, videoSection } from './testing/sections.ts';
import { TestViewer } from './testing/test-viewer.ts';

/** Half of all sequence numbers, and one. */
const LONG_WHILE = 0x8001;
const LARGE = Buffer.alloc(1600);

let clock: FakeClock;
/** SRTP indexes in the order of sending, by SSRC. */
let indexes: Map<number, number[]>;
let isBusy: boolean;

beforeEach(() => {
  clock = new FakeClock();
  indexes = new Map();
  isBusy = false;
});

function startedTrack(source: LocalMediaTrack): ForwardingTrack {
  const srtp = new SrtpSender('AEAD_AES_128_GCM', Buffer.alloc(16), Buffer.alloc(12));
  const outlet = new TestOutlet((bytes) => {
    const [ssrc, sequenceNumber] = [bytes.readUInt32BE(8), bytes.readUInt16BE(2)];
    const index = srtp.rolloverCounterOf(ssrc, sequenceNumber) * SEQUENCE_NUMBERS + sequenceNumber;
    indexes.set(ssrc, [...(indexes.get(ssrc) ?? []), index]);
  });
  const reserve = outlet.reserve.bind(outlet);
  outlet.reserve = () => (isBusy ? -1 : reserve());
  const section = videoSection({ direction: 'sendonly' });
  const track = new ForwardingTrack({ kind: 'video', section, ssrc: 5000, rtxSsrc: 6000, clock, maxRetransmissionsPerSecond: 100_000, outlet });
  track.attach(source);
  track.start();
  return track;
}

function createSource(): LocalMediaTrack {
  return new LocalMediaTrack({ kind: 'video', codec: VP8, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
}

function rising(ssrc: number): boolean {
  const all = indexes.get(ssrc) ?? [];
  return all.every((index, position) => position === 0 || index > (all[position - 1] ?? 0));
}

it('rises also when what came in between was too large to be sent', () => {
  const source = createSource();
  const track = startedTrack(source);
  for (let round = 0; round < 3; round++) {
    source.write({ payload: VP8_KEYFRAME, timestamp: 3000 * round, marker: true });
    for (let count = 0; count < LONG_WHILE; count++) source.write({ payload: LARGE, timestamp: 3000 * round, marker: true });
  }
  expect(track.dropped.tooLarge).toBe(3 * LONG_WHILE);
  expect(indexes.get(5000)).toHaveLength(3);
  expect(rising(5000)).toBe(true);
});

it('has no gaps from retransmissions that the outlet did not take', () => {
  const source = createSource();
  const track = startedTrack(source);
  source.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: true });
  const sequenceNumber = (indexes.get(5000)?.[0] ?? 0) % SEQUENCE_NUMBERS;
  track.onNack([sequenceNumber]);
  isBusy = true;
  track.onNack([sequenceNumber]);
  isBusy = false;
  track.onNack([sequenceNumber]);
  const [first = 0, second] = indexes.get(6000) ?? [];
  expect(second).toBe(first + 1);
});

it('is never given to a packet that comes twice', () => {
  const viewer = new TestViewer();
  const source = viewer.source();
  viewer.track.attach(source);
  viewer.track.start();
  source.send(0, true);
  for (const number of [1, 3, 2, 2, 1]) source.send(number);
  expect(viewer.numbers).toEqual([0, 1, 3, 2]);
  expect(viewer.track.dropped.duplicate).toBe(2);
});

it('has its one packet also where a publisher has gone round all sequence numbers since, and no RTX was negotiated', () => {
  const sent = new Map<number, Buffer[]>();
  const outlet = new TestOutlet((bytes) => {
    const number = bytes.readUInt16BE(2);
    sent.set(number, [...(sent.get(number) ?? []), bytes]);
  });
  const section = videoSection({ direction: 'sendonly', codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack'] }] });
  const track = new ForwardingTrack({ kind: 'video', section, ssrc: 5000, rtxSsrc: undefined, clock, maxRetransmissionsPerSecond: 100_000, outlet });
  const source = createSource();
  track.attach(source);
  track.start();
  const write = (payload: Buffer): void => source.write({ payload, timestamp: 0, marker: true });
  write(Buffer.concat([VP8_KEYFRAME, Buffer.from('first')]));
  for (let count = 1; count < SEQUENCE_NUMBERS; count++) write(LARGE);
  write(Buffer.concat([VP8_KEYFRAME, Buffer.from('later')]));
  const numbers = [...sent.keys()];
  expect(numbers).toHaveLength(2);
  for (const number of numbers) track.onNack([number]);
  for (const packets of sent.values()) expect(packets.every((packet) => packet.equals(packets[0]!))).toBe(true);
  // The one that can be sent again, was.
  expect(sent.get(numbers[1]!)).toHaveLength(2);
});
