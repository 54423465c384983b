import { type Codec, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RtcpPacket } from '../rtp/rtcp-packets.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import { RoundTrip } from '../rtp/round-trip.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { InboundTrack } from './inbound-track.ts';
import { createTestFanOut } from './testing/outbound.ts';
import { type TestPacket, VP8_DELTA, VP8_KEYFRAME, rtp, videoSection } from './testing/sections.ts';

interface Passed {
  readonly sequenceNumber: number;
  readonly ssrc: number;
  readonly codec: Codec;
  readonly keyframe: boolean;
  readonly payload: Buffer;
}

let clock: FakeClock;
let feedback: RtcpPacket[];
let passed: Passed[];
let roundTrip: RoundTrip;

beforeEach(() => {
  clock = new FakeClock();
  feedback = [];
  passed = [];
  roundTrip = new RoundTrip();
});

function createTrack(overrides: Parameters<typeof videoSection>[0] = {}): InboundTrack {
  const track = new InboundTrack({
    kind: 'video',
    section: videoSection(overrides),
    clock,
    localSsrc: 42,
    keyframeIntervalMs: 500,
    roundTrip,
    keyframeCacheBytes: 0,
    logger: silentLogger,
    fanOut: createTestFanOut(clock),
    sendFeedback: (bytes) => feedback.push(...parseRtcp(bytes)),
  });
  track.addSink({
    onSourcePackets(packets) {
      for (let index = 0; index < packets.count; index++) {
        const { view, codec, keyframe } = packets.at(index)!;
        const { sequenceNumber, ssrc, buffer, payloadOffset, payloadEnd } = view;
        passed.push({ sequenceNumber, ssrc, codec, keyframe, payload: Buffer.from(buffer.subarray(payloadOffset, payloadEnd)) });
      }
    },
    onSourceEnded: () => undefined,
  });
  return track;
}

function receive(track: InboundTrack, packet: TestPacket): void {
  const view = new RtpPacket();
  expect(view.parse(rtp(packet))).toBe(true);
  track.receive(view, clock.monotonic());
}

function rtxPayload(sequenceNumber: number, payload: Buffer): Buffer {
  const original = Buffer.alloc(2);
  original.writeUInt16BE(sequenceNumber);
  return Buffer.concat([original, payload]);
}

describe('losses', () => {
  it('are asked for at once, by number, over the wrap', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 65_534, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 1 });
    expect(feedback).toEqual([{ type: 'nack', senderSsrc: 42, mediaSsrc: 1111, sequenceNumbers: [65_535, 0] }]);
  });

  it('are repaired by RTX, which reads as the packet that was lost', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12, timestamp: 3000 });
    receive(track, { sequenceNumber: 900, ssrc: 2222, payloadType: 97, timestamp: 3000, payload: rtxPayload(11, Buffer.from('lost')) });
    expect(passed.map(({ sequenceNumber }) => sequenceNumber)).toEqual([10, 12, 11]);
    expect(passed[2]).toMatchObject({ ssrc: 1111, payload: Buffer.from('lost') });
    expect(track.stats()).toMatchObject({ packetsLost: 0, nackCount: 1, retransmittedPacketsReceived: 1 });
  });

  it('stay in the history as they were, so that a viewer\'s NACK gets them too', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12 });
    receive(track, { sequenceNumber: 900, ssrc: 2222, payloadType: 97, marker: true, payload: rtxPayload(11, Buffer.from('lost')) });
    const stored = new RtpPacket();
    expect(stored.parse(track.layers[0]!.history!.find(11, clock.monotonic())!)).toBe(true);
    expect(stored).toMatchObject({ sequenceNumber: 11, ssrc: 1111, payloadType: 96, marker: true });
  });

  it('are not counted when the packet itself comes again, as it does without RTX', () => {
    const track = createTrack();
    for (const sequenceNumber of [10, 12, 14, 11]) receive(track, { sequenceNumber });
    expect(track.stats()).toMatchObject({ packetsLost: 1, retransmittedPacketsReceived: 1 });
  });

  it('are not passed on twice when original and retransmission both come', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 900, ssrc: 2222, payloadType: 97, payload: rtxPayload(10, VP8_KEYFRAME) });
    receive(track, { sequenceNumber: 901, ssrc: 2222, payloadType: 97, payload: Buffer.alloc(0) });
    expect(passed).toHaveLength(1);
    expect(track.dropped).toMatchObject({ duplicate: 1, probing: 1 });
  });

  it('are asked for again while they are missing, and given up for a keyframe', async () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12 });
    for (let elapsed = 0; elapsed < 2000; elapsed += 20) {
      await clock.advance(20);
      track.tick(clock.monotonic());
    }
    const nacks = feedback.filter(({ type }) => type === 'nack');
    expect(nacks.length).toBeGreaterThan(2);
    expect(feedback.at(-1)).toEqual({ type: 'pli', senderSsrc: 42, mediaSsrc: 1111 });
    expect(track.stats().packetsLost).toBe(1);
  });
});

describe('the round trip', () => {
  /** When losses are asked for, in milliseconds after they were found. */
  async function requests(track: InboundTrack): Promise<number[]> {
    const start = clock.monotonic();
    const times: number[] = [];
    for (let elapsed = 0; elapsed < 2000; elapsed += 10) {
      const before = feedback.length;
      track.tick(clock.monotonic());
      if (feedback.length > before) times.push(clock.monotonic() - start);
      await clock.advance(10);
    }
    return times;
  }

  it('is learned from the answer to a NACK, and sets the pace of further ones', async () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12 });
    await clock.advance(200);
    receive(track, { sequenceNumber: 900, ssrc: 2222, payloadType: 97, payload: rtxPayload(11, VP8_DELTA) });
    expect(roundTrip.ms).toBe(200);
    receive(track, { sequenceNumber: 14 });
    const [first = 0, second = 0] = await requests(track);
    expect(first).toBeGreaterThanOrEqual(200);
    expect(second - first).toBeGreaterThan(first);
  });

  it('that a report gives sets it too', async () => {
    const track = createTrack();
    roundTrip.onReport(20, clock.monotonic());
    receive(track, { sequenceNumber: 10, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12 });
    expect((await requests(track))[0]).toBeLessThan(60);
  });
});

describe('keyframe requests', () => {
  it('are folded, and those before the first packet are kept until it comes', async () => {
    const track = createTrack();
    track.requestKeyframe();
    expect(feedback).toEqual([]);
    receive(track, { sequenceNumber: 1 });
    track.requestKeyframe();
    track.requestKeyframe();
    expect(feedback).toHaveLength(1);
    await clock.advance(500);
    expect(feedback).toHaveLength(2);
  });

  it('that a keyframe has answered are not sent', async () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 1 });
    track.requestKeyframe();
    track.requestKeyframe();
    receive(track, { sequenceNumber: 2, payload: VP8_KEYFRAME, timestamp: 3000 });
    await clock.advance(1000);
    expect(feedback.filter(({ type }) => type === 'pli')).toHaveLength(1);
  });

  it('use FIR with a peer that knows nothing else', () => {
    const track = createTrack({ codecs: [{ ...videoSection().codecs[0]!, feedback: ['ccm fir'] }] });
    receive(track, { sequenceNumber: 1 });
    track.requestKeyframe();
    expect(feedback).toEqual([{ type: 'fir', senderSsrc: 42, entries: [{ ssrc: 1111, sequenceNumber: 1 }] }]);
  });
});

describe('simulcast', () => {
  it('passes on every layer, and gives subscribers of packets the first that has a keyframe', () => {
    const track = createTrack();
    const copies: number[] = [];
    track.onRtp(({ sequenceNumber }) => copies.push(sequenceNumber));
    receive(track, { sequenceNumber: 11, ssrc: 1, extensions: { 2: 'h' } });
    receive(track, { sequenceNumber: 21, ssrc: 2, extensions: { 2: 'm' }, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 12, ssrc: 1, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 22, ssrc: 2 });
    expect(passed.map(({ sequenceNumber }) => sequenceNumber)).toEqual([11, 21, 12, 22]);
    expect(copies).toEqual([21, 22]);
    expect(track.layers.map(({ rid }) => rid)).toEqual(['h', 'm']);
  });

  it('is asked for keyframes layer by layer, each in its own time', async () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 1, ssrc: 1, extensions: { 2: 'h' } });
    receive(track, { sequenceNumber: 1, ssrc: 2, extensions: { 2: 'm' } });
    const [high, middle] = track.layers;
    for (let round = 0; round < 3; round++) {
      high!.requestKeyframe();
      middle!.requestKeyframe();
    }
    expect(feedback).toMatchObject([{ type: 'pli', mediaSsrc: 1 }, { type: 'pli', mediaSsrc: 2 }]);
    receive(track, { sequenceNumber: 2, ssrc: 1, payload: VP8_KEYFRAME });
    await clock.advance(500);
    expect(feedback.slice(2)).toMatchObject([{ type: 'pli', mediaSsrc: 2 }]);
  });

  it('keeps the packets of each layer apart, under one number too', () => {
    const track = createTrack();
    for (const [ssrc, rid] of [[1, 'h'], [2, 'm']] as const) receive(track, { sequenceNumber: 1, ssrc, extensions: { 2: rid }, payload: VP8_KEYFRAME });
    const stored = track.layers.map(({ history }) => history!.find(1, clock.monotonic())!.readUInt32BE(8));
    expect(stored).toEqual([1, 2]);
  });

  it('counts each layer by itself, and all of them together', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 1, ssrc: 1, extensions: { 2: 'h' }, payload: VP8_KEYFRAME, marker: true });
    receive(track, { sequenceNumber: 1, ssrc: 2, extensions: { 2: 'm' }, marker: true });
    receive(track, { sequenceNumber: 4, ssrc: 2, timestamp: 3000, marker: true });
    const { layers, ...total } = track.stats();
    expect(layers).toMatchObject([
      { ssrc: 1, rid: 'h', packetsReceived: 1, packetsLost: 0, framesReceived: 1, keyFramesReceived: 1, nackCount: 0, frameWidth: 640 },
      { ssrc: 2, rid: 'm', packetsReceived: 2, packetsLost: 2, framesReceived: 2, keyFramesReceived: 0, nackCount: 1, frameWidth: undefined },
    ]);
    expect(total).toMatchObject({ packetsReceived: 3, packetsLost: 2, framesReceived: 3, keyFramesReceived: 1, nackCount: 1, frameWidth: 640 });
  });

  it('says how many pictures a second has, and how far apart keyframes are', async () => {
    const track = createTrack();
    for (let picture = 0; picture < 50; picture++) {
      const isKeyframe = picture % 20 === 0;
      receive(track, { sequenceNumber: 2 * picture, timestamp: 3600 * picture, ...(isKeyframe ? { payload: VP8_KEYFRAME } : {}) });
      // A keyframe that is announced twice is one.
      receive(track, { sequenceNumber: 2 * picture + 1, timestamp: 3600 * picture, marker: true, ...(isKeyframe ? { payload: VP8_KEYFRAME } : {}) });
      await clock.advance(40);
    }
    expect(track.stats()).toMatchObject({ framesReceived: 50, keyFramesReceived: 3, keyFrameDistance: 20, keyFrameInterval: 0.8, framesPerSecond: 25 });
    await clock.advance(1500);
    expect(track.stats().framesPerSecond).toBe(0);
  });

  it('gives subscribers of packets another layer, at its keyframe, when the one in use falls silent', async () => {
    const track = createTrack();
    const copies: number[] = [];
    track.onRtp(({ sequenceNumber }) => copies.push(sequenceNumber));
    receive(track, { sequenceNumber: 11, ssrc: 1, extensions: { 2: 'h' }, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 21, ssrc: 2, extensions: { 2: 'm' } });
    await clock.advance(1500);
    receive(track, { sequenceNumber: 22, ssrc: 2 });
    expect(feedback.at(-1)).toMatchObject({ type: 'pli', mediaSsrc: 2 });
    receive(track, { sequenceNumber: 23, ssrc: 2, payload: VP8_KEYFRAME });
    expect(copies).toEqual([11, 23]);
  });

  it('finds the layer of an RTX stream by its repaired RID', () => {
    const track = createTrack();
    receive(track, { sequenceNumber: 1, ssrc: 1, extensions: { 2: 'h' }, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 7, ssrc: 2, extensions: { 2: 'm' }, payload: VP8_KEYFRAME });
    receive(track, { sequenceNumber: 3, ssrc: 1 });
    receive(track, { sequenceNumber: 50, ssrc: 9, payloadType: 97, extensions: { 3: 'h' }, payload: rtxPayload(2, VP8_DELTA) });
    expect(passed.map(({ ssrc, sequenceNumber }) => [ssrc, sequenceNumber])).toEqual([[1, 1], [2, 7], [1, 3], [1, 2]]);
  });
});

describe('H264', () => {
  const H264: Codec = { name: 'H264', clockRate: 90_000, parameters: { 'packetization-mode': '1', 'profile-level-id': '42e01f' } };
  const codecs = [{ payloadType: 96, codec: H264, feedback: [] }];
  const sps = (profileLevelId: string): Buffer => Buffer.from(`67${profileLevelId}ffffffff`, 'hex');

  it('is known by the profile that the stream states, whatever was described', () => {
    const track = createTrack({ codecs });
    receive(track, { sequenceNumber: 1, payload: sps('42c01e') });
    expect(track.codec).toBe(H264);
    receive(track, { sequenceNumber: 2, payload: sps('640032') });
    const { codec } = track;
    expect(codec?.parameters).toEqual({ 'packetization-mode': '1', 'profile-level-id': '640032' });
    expect(passed.at(-1)?.codec).toBe(codec);
    receive(track, { sequenceNumber: 3, payload: sps('640028') });
    expect(track.codec).toBe(codec);
    expect(track.stats()).toMatchObject({ profileLevelId: '640028', bFrames: false });
  });

  it('with B-frames is told apart by its slices, and by pictures out of order', () => {
    const bySlice = createTrack({ codecs });
    receive(bySlice, { sequenceNumber: 1, payload: Buffer.from('41a0', 'hex') });
    expect(bySlice.stats().bFrames).toBe(true);
    const byOrder = createTrack({ codecs });
    [0, 9000, 3000, 6000, 18_000, 12_000].forEach((timestamp, sequenceNumber) => receive(byOrder, { sequenceNumber, timestamp, payload: Buffer.from('41c0', 'hex') }));
    expect(byOrder.stats().bFrames).toBe(true);
    expect(createTrack().stats().bFrames).toBeUndefined();
  });
});

it('follows a publisher that starts anew under another SSRC', () => {
  const track = createTrack();
  receive(track, { sequenceNumber: 1, ssrc: 1, payload: VP8_KEYFRAME });
  receive(track, { sequenceNumber: 500, ssrc: 2, payload: VP8_KEYFRAME });
  expect(passed.map(({ ssrc }) => ssrc)).toEqual([1, 2]);
});

it('keeps a bounded number of SSRCs, however many an authenticated peer invents', () => {
  const track = createTrack();
  for (let ssrc = 1; ssrc <= 1000; ssrc++) receive(track, { sequenceNumber: 1, ssrc });
  const blocks: never[] = [];
  track.addReportBlocks(blocks, clock.monotonic());
  expect(blocks.length).toBeLessThanOrEqual(8);
});

it('stays with the newest of several SSRCs that take turns (ssrc-group:SIM)', () => {
  const track = createTrack();
  for (let sequenceNumber = 1; sequenceNumber <= 5; sequenceNumber++) {
    for (const ssrc of [1, 2, 3]) receive(track, { sequenceNumber, ssrc, payload: VP8_KEYFRAME });
  }
  expect(passed.map(({ ssrc }) => ssrc)).toEqual([1, 2, 3, 3, 3, 3, 3]);
});

it('goes on when a subscriber throws, and tells the others', () => {
  const track = createTrack();
  const told: string[] = [];
  track.onRtp(() => {
    throw new Error('a plugin\'s mistake');
  });
  track.onRtp(() => told.push('packet'));
  track.onEnded(() => {
    throw new Error('another');
  });
  track.onEnded(() => told.push('end'));
  receive(track, { sequenceNumber: 1, payload: VP8_KEYFRAME });
  track.end();
  expect(told).toEqual(['packet', 'end']);
});

it('ignores payload types that were not negotiated', () => {
  const track = createTrack();
  receive(track, { sequenceNumber: 1, payloadType: 111 });
  expect(passed).toEqual([]);
  expect(track.dropped.unknownPayloadType).toBe(1);
});

it('gives subscribers copies that outlive the call', () => {
  const track = createTrack();
  const copies: Uint8Array[] = [];
  track.onRtp(({ payload }) => copies.push(payload));
  receive(track, { sequenceNumber: 1, payload: VP8_KEYFRAME });
  passed[0]!.payload.fill(0);
  expect(Buffer.from(copies[0]!)).toEqual(VP8_KEYFRAME);
});
