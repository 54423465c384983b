import { type Codec, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReportBlock } from '../rtp/rtcp-packets.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { LocalMediaTrack } from './local-media-track.ts';
import { TestOutlet, createTestFanOut } from './testing/outbound.ts';
import { VP8, VP8_DELTA, VP8_KEYFRAME, videoSection } from './testing/sections.ts';

let clock: FakeClock;
let sent: RtpPacket[];

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
});

function createTrack(overrides: Parameters<typeof videoSection>[0] = {}, retransmissionCacheMs?: number): ForwardingTrack {
  return new ForwardingTrack({
    kind: overrides.kind === 'audio' ? 'audio' : 'video',
    section: videoSection({ direction: 'sendonly', ...overrides }),
    ssrc: 5000,
    rtxSsrc: 6000,
    clock,
    maxRetransmissionsPerSecond: 100,
    retransmissionCacheMs,
    outlet: new TestOutlet((bytes) => {
      const packet = new RtpPacket();
      packet.parse(bytes);
      sent.push(packet);
    }),
  });
}

function createSource(options: { readonly keyframeCacheBytes?: number; readonly retransmissionCacheMs?: number } = {}): LocalMediaTrack {
  return new LocalMediaTrack({ kind: 'video', codec: VP8, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 1_000_000, ...options });
}

describe('RED (RFC 2198)', () => {
  const opus: Codec = { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} };
  const red: Codec = { ...opus, name: 'red', parameters: { '111/111': '' } };
  const plain = { payloadType: 111, codec: opus, feedback: ['nack'] };
  const payload = Buffer.from('ef0f00026f1111aabb', 'hex');

  function sentTo(codecs: Parameters<typeof videoSection>[0], ...payloads: readonly Buffer[]): ForwardingTrack {
    const track = createTrack({ kind: 'audio', extensions: [], ...codecs });
    const source = new LocalMediaTrack({ kind: 'audio', codec: red, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
    track.attach(source);
    track.start();
    payloads.forEach((bytes, index) => source.write({ payload: bytes, timestamp: 960 * index, marker: false }));
    return track;
  }

  function received(): string[] {
    return sent.map(({ payloadType, buffer, payloadOffset, payloadEnd }) => `${payloadType} ${buffer.toString('hex', payloadOffset, payloadEnd)}`);
  }

  it('is passed on to a viewer that takes it', () => {
    sentTo({ codecs: [plain, { payloadType: 63, codec: red, feedback: [] }] }, payload);
    expect(received()).toEqual([`63 ${payload.toString('hex')}`]);
  });

  it('is unwrapped for a viewer that takes opus only, when it is sent again too', () => {
    const track = sentTo({ codecs: [plain] }, payload, payload);
    track.onNack([sent[0]!.sequenceNumber]);
    expect(received()).toEqual(['111 aabb', '111 aabb', '111 aabb']);
    expect(sent.map(({ sequenceNumber }) => sequenceNumber - sent[0]!.sequenceNumber)).toEqual([0, 1, 0]);
  });

  it('is sent again as it was after a change to a source without it', () => {
    const track = sentTo({ codecs: [plain] }, payload);
    const source = new LocalMediaTrack({ kind: 'audio', codec: opus, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
    track.attach(source);
    source.write({ payload: Buffer.from('cc', 'hex'), timestamp: 0, marker: false });
    track.onNack([sent[0]!.sequenceNumber]);
    expect(received()).toEqual(['111 aabb', '111 cc', '111 aabb']);
  });

  it('that is malformed is dropped for that viewer', () => {
    expect(sentTo({ codecs: [plain] }, Buffer.from('ef', 'hex'), payload).dropped.malformedRed).toBe(1);
    expect(received()).toEqual(['111 aabb']);
  });
});

describe('a viewer', () => {
  it.each([
    [undefined, 2000, 1],
    [undefined, 2001, 0],
    [5000, 5000, 1],
    [5000, 5001, 0],
  ])('of a source that keeps packets for %s ms gets again, after %i ms, %i of them, also from before a change of source', async (retransmissionCacheMs, elapsedMs, count) => {
    const track = createTrack({}, retransmissionCacheMs);
    const kept = { keyframeCacheBytes: 0, ...(retransmissionCacheMs !== undefined && { retransmissionCacheMs }) };
    const [source, other] = [createSource(kept), createSource(kept)];
    track.attach(source);
    track.start();
    source.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: true });
    track.attach(other);
    other.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: true });
    await clock.advance(elapsedMs);
    track.tick(clock.monotonic());
    track.onNack([sent[0]!.sequenceNumber]);
    expect(track.stats().retransmittedPacketsSent).toBe(count);
  });

  it('is sent nothing before its transport is connected, and from a keyframe on afterwards', () => {
    const track = createTrack();
    const source = createSource();
    track.attach(source);
    source.write({ payload: VP8_DELTA, timestamp: 0, marker: true });
    track.tick(clock.monotonic());
    track.start();
    source.write({ payload: VP8_DELTA, timestamp: 3000, marker: true });
    track.tick(clock.monotonic());
    expect(sent).toHaveLength(0);
    source.write({ payload: VP8_KEYFRAME, timestamp: 6000, marker: true });
    source.write({ payload: VP8_DELTA, timestamp: 9000, marker: true });
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({ ssrc: 5000, payloadType: 96, marker: true });
  });

  it('has a keyframe asked for at once', () => {
    const track = createTrack();
    const source = createSource();
    let asked = 0;
    source.onKeyframeRequest(() => asked++);
    track.attach(source);
    expect(asked).toBe(0);
    track.start();
    expect(asked).toBe(1);
  });

  it('gets what there is after a second without a keyframe', async () => {
    const track = createTrack();
    const source = createSource();
    track.attach(source);
    track.start();
    await clock.advance(999);
    source.write({ payload: VP8_DELTA, timestamp: 0, marker: true });
    expect(sent).toHaveLength(0);
    await clock.advance(1);
    source.write({ payload: VP8_DELTA, timestamp: 3000, marker: true });
    expect(sent).toHaveLength(1);
  });

  it('sees one stream when the source is replaced', () => {
    const track = createTrack();
    const [first, second] = [createSource(), createSource()];
    track.attach(first);
    track.start();
    first.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: true });
    track.attach(second);
    second.write({ payload: VP8_KEYFRAME, timestamp: 123_456, marker: true });
    first.write({ payload: VP8_KEYFRAME, timestamp: 3000, marker: true });
    expect(sent).toHaveLength(2);
    expect(sent[1]!.sequenceNumber).toBe((sent[0]!.sequenceNumber + 1) & 0xffff);
    expect(sent[1]!.ssrc).toBe(5000);
  });

  it('is sent no codec that it did not negotiate', () => {
    const track = createTrack({ codecs: [{ payloadType: 100, codec: { ...VP8, name: 'AV1' }, feedback: [] }] });
    const source = createSource();
    track.attach(source);
    track.start();
    source.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: true });
    expect(sent).toHaveLength(0);
    expect(track.dropped.noCodec).toBe(1);
  });
});

function startedWith(section: Parameters<typeof videoSection>[0] = {}): { track: ForwardingTrack; source: LocalMediaTrack } {
  const track = createTrack(section);
  const source = createSource();
  track.attach(source);
  track.start();
  source.write({ payload: VP8_KEYFRAME, timestamp: 0, marker: false });
  source.write({ payload: VP8_DELTA, timestamp: 0, marker: true });
  return { track, source };
}

describe('a NACK', () => {
  it('is answered by RTX under its own SSRC, payload type and sequence', () => {
    const { track } = startedWith();
    const [original] = sent;
    track.onNack([original!.sequenceNumber]);
    const retransmission = sent[2]!;
    expect(retransmission).toMatchObject({ ssrc: 6000, payloadType: 97, timestamp: original!.timestamp });
    const payload = retransmission.buffer.subarray(retransmission.payloadOffset, retransmission.payloadEnd);
    expect(payload.readUInt16BE(0)).toBe(original!.sequenceNumber);
    expect(payload.subarray(2)).toEqual(VP8_KEYFRAME);
    expect(track.stats()).toMatchObject({ nackCount: 1, retransmittedPacketsSent: 1 });
  });

  it('is answered by the very same bytes when RTX was not negotiated', () => {
    const { track } = startedWith({ codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack'] }] });
    track.onNack([sent[1]!.sequenceNumber]);
    expect(sent[2]!.buffer).toEqual(sent[1]!.buffer);
  });

  it('for a packet that is gone, or never was, is counted and left', async () => {
    const { track, source } = startedWith();
    track.onNack([(sent[0]!.sequenceNumber - 5) & 0xffff]);
    await clock.advance(10_000);
    source.write({ payload: VP8_KEYFRAME, timestamp: 900_000, marker: true });
    track.onNack([sent[0]!.sequenceNumber, (sent[2]!.sequenceNumber + 1) & 0xffff]);
    expect(sent).toHaveLength(3);
    expect(track.dropped.notInHistory).toBe(3);
  });

  it('cannot ask for more than the budget', () => {
    const { track } = startedWith();
    track.onNack(Array.from({ length: 150 }, () => sent[0]!.sequenceNumber));
    expect(sent).toHaveLength(2 + 100);
    expect(track.dropped.overBudget).toBe(50);
  });
});

describe('a sender report', () => {
  it('follows the source\'s clock in the viewer\'s timestamps', async () => {
    const track = createTrack();
    const source = createSource();
    track.attach(source);
    track.start();
    expect(track.senderReport(clock.monotonic())).toBeUndefined();
    source.write({ payload: VP8_KEYFRAME, timestamp: 1000, marker: true });
    await clock.advance(2000);
    const [report] = parseRtcp(track.senderReport(clock.monotonic())!);
    expect(report).toMatchObject({ type: 'sender-report', ssrc: 5000, packetCount: 1, octetCount: VP8_KEYFRAME.length });
    expect((report as { rtpTimestamp: number }).rtpTimestamp).toBe((sent[0]!.timestamp + 180_000) >>> 0);
  });

  it('gives the round trip once it is answered (RFC 3550 section 6.4.1)', async () => {
    const track = createTrack();
    const source = createSource();
    track.attach(source);
    track.start();
    source.write({ payload: VP8_KEYFRAME, timestamp: 1000, marker: true });
    const [report] = parseRtcp(track.senderReport(clock.monotonic())!);
    const ntp = (report as { ntpTimestamp: bigint }).ntpTimestamp;
    await clock.advance(1040);
    const block: ReportBlock = {
      ssrc: 5000,
      fractionLost: 64,
      packetsLost: 0,
      extendedHighestSequence: 0,
      jitter: 0,
      lastSenderReport: Number((ntp >> 16n) & 0xffff_ffffn),
      delaySinceLastSenderReport: 65_536,
    };
    track.onReport(block);
    expect(track.roundTripMs).toBeCloseTo(40, 0);
  });
});

it('lets go of a source that has ended', () => {
  const track = createTrack();
  const source = createSource();
  track.attach(source);
  expect(source.sinkCount).toBe(1);
  source.end();
  expect(track.source).toBeUndefined();
  expect(source.sinkCount).toBe(0);
});
