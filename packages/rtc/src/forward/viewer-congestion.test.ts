import { HEADER_EXTENSIONS, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeNack, writeReceiverReport, writeRemb } from '../rtp/rtcp-write.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { TransportCcRecorder } from '../rtp/twcc-recorder.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import { LocalMediaTrack } from './local-media-track.ts';
import { ProbePacer } from './probe-pacer.ts';
import { RtpSession } from './rtp-session.ts';
import { TestOutlet, createTestFanOut } from './testing/outbound.ts';
import { VP8, VP8_KEYFRAME, videoSection } from './testing/sections.ts';

const TRANSPORT_CC_ID = 4;
const SEND_TIME_ID = 7;
const OPUS = { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} };
const TRANSPORT_CC = { id: TRANSPORT_CC_ID, uri: HEADER_EXTENSIONS.transportWideCc, direction: 'sendrecv' } as const;
const SEND_TIME = { id: SEND_TIME_ID, uri: HEADER_EXTENSIONS.absSendTime, direction: 'sendrecv' } as const;
const VIDEO = videoSection({
  direction: 'sendonly',
  extensions: [TRANSPORT_CC, SEND_TIME],
  codecs: [{ payloadType: 96, rtxPayloadType: 97, codec: VP8, feedback: ['nack', 'transport-cc'] }],
});
const AUDIO: NegotiatedSection = { ...VIDEO, index: 1, kind: 'audio', mid: 'a', codecs: [{ payloadType: 111, codec: OPUS, feedback: ['transport-cc'] }] };
const VIDEO_SSRC = 5000;
const RTX_SSRC = 6000;
const AUDIO_SSRC = 7000;
const STEP_MS = 5;

interface Sent {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly transportNumber: number | undefined;
  readonly sendTime: number | undefined;
  readonly payload: Buffer;
  readonly at: number;
}

let clock: FakeClock;
let sent: Sent[];
let session: RtpSession;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
});

function createSession(...sections: readonly NegotiatedSection[]): void {
  session = new RtpSession({
    sections,
    sources: new Map([
      [0, { ssrc: VIDEO_SSRC, rtxSsrc: RTX_SSRC, trackLabel: 'v' }],
      [1, { ssrc: AUDIO_SSRC, rtxSsrc: undefined, trackLabel: 'a' }],
    ]),
    cname: 'test',
    clock,
    logger: silentLogger,
    keyframeIntervalMs: 500,
    keyframeCacheBytes: 0,
    maxRetransmissionsPerSecond: 1000,
    startBitrateKbps: 1000,
    viewerBitrate: { minBitrate: 50_000, startBitrate: 1_000_000, maxBitrate: 50_000_000 },
    fanOut: createTestFanOut(clock),
    probePacer: new ProbePacer({ clock, logger: silentLogger, outbounds: { flush: () => undefined } }),
    outlet: new TestOutlet((packet) => sent.push(read(packet))),
    sendRtcp: () => undefined,
    onGoodbye: () => undefined,
  });
  session.start();
}

function read(bytes: Buffer): Sent {
  const packet = new RtpPacket();
  packet.parse(bytes);
  const { ssrc, sequenceNumber } = packet;
  const transportNumber = packet.findExtension(TRANSPORT_CC_ID) ? bytes.readUInt16BE(packet.extensionOffset) : undefined;
  const sendTime = packet.findExtension(SEND_TIME_ID) ? bytes.readUIntBE(packet.extensionOffset, 3) : undefined;
  return { ssrc, sequenceNumber, transportNumber, sendTime, payload: bytes.subarray(packet.payloadOffset), at: clock.monotonic() };
}

function attachVideo(): LocalMediaTrack {
  const source = new LocalMediaTrack({ kind: 'video', codec: VP8, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
  session.outboundOf('video')?.attach(source);
  return source;
}

function picture(source: LocalMediaTrack, bytes = 1000): void {
  const payload = Buffer.alloc(bytes, sent.length);
  VP8_KEYFRAME.copy(payload);
  source.write({ payload, timestamp: Math.round(clock.monotonic() * 90), marker: true });
}

/** Sends a picture every 20 ms, and answers as a viewer on a path of `bitrate` would. */
async function watch(source: LocalMediaTrack, ms: number, bitrate = 100_000_000): Promise<void> {
  const recorder = new TransportCcRecorder();
  let freeAt = 0;
  let seen = sent.length;
  for (let elapsed = 0; elapsed < ms; elapsed += STEP_MS) {
    const now = clock.monotonic();
    if (elapsed % 20 === 0) {
      picture(source);
      session.tick(now);
    }
    await clock.advance(STEP_MS);
    for (; seen < sent.length; seen++) {
      const { transportNumber, payload, at } = sent[seen]!;
      freeAt = Math.max(freeAt, at) + (payload.length * 8000) / bitrate;
      recorder.record(transportNumber!, (freeAt + 10) * 1000);
    }
    if (elapsed % 50 !== 0) continue;
    for (const feedback of recorder.buildFeedback(1, VIDEO_SSRC)) session.receiveRtcp(feedback, now + STEP_MS);
  }
}

describe('a viewer with transport-wide feedback', () => {
  it('has all its packets numbered in the order of sending, retransmissions and audio too', () => {
    createSession(VIDEO, AUDIO);
    const source = attachVideo();
    const audio = new LocalMediaTrack({ kind: 'audio', codec: OPUS, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
    session.outboundOf('audio')?.attach(audio);
    picture(source);
    audio.write({ payload: Buffer.alloc(100), timestamp: 0, marker: false });
    session.receiveRtcp(writeNack(1, VIDEO_SSRC, [sent[0]!.sequenceNumber]), clock.monotonic());
    picture(source);
    expect(sent.map(({ ssrc, transportNumber }) => [ssrc, transportNumber])).toEqual([
      [VIDEO_SSRC, 0],
      [AUDIO_SSRC, 1],
      [RTX_SSRC, 2],
      [VIDEO_SSRC, 3],
    ]);
    expect(sent.every(({ sendTime }) => sendTime === undefined)).toBe(true);
  });

  it('is not sent audio again, which would be other bytes under the same SRTP index', () => {
    createSession(VIDEO, AUDIO);
    const audio = new LocalMediaTrack({ kind: 'audio', codec: OPUS, clock, logger: silentLogger, fanOut: createTestFanOut(clock), keyframeCacheBytes: 0 });
    session.outboundOf('audio')?.attach(audio);
    audio.write({ payload: Buffer.alloc(100), timestamp: 0, marker: false });
    session.receiveRtcp(writeNack(1, AUDIO_SSRC, [sent[0]!.sequenceNumber]), clock.monotonic());
    expect(sent).toHaveLength(1);
    expect(session.outboundOf('audio')?.dropped.needsRtx).toBe(1);
  });

  it('is sent no more again than its path carries', async () => {
    createSession(VIDEO);
    const source = attachVideo();
    await watch(source, 10_000, 300_000);
    const nack = writeNack(1, VIDEO_SSRC, sent.filter(({ ssrc }) => ssrc === VIDEO_SSRC).slice(-10).map(({ sequenceNumber }) => sequenceNumber));
    const before = sent.length;
    for (let round = 0; round < 400; round++) {
      await clock.advance(STEP_MS);
      session.receiveRtcp(nack, clock.monotonic());
    }
    // Two seconds, and half a second at once.
    const bits = sent.slice(before).reduce((sum, { payload }) => sum + 8 * payload.length, 0);
    expect(bits).toBeLessThan(2.6 * session.congestion!.targetBitrate);
    expect(bits).toBeGreaterThan(1.5 * session.congestion!.targetBitrate);
    expect(session.outboundOf('video')?.dropped.overBudget).toBeGreaterThan(0);
  });

  it('has its bandwidth estimated', async () => {
    createSession(VIDEO);
    const source = attachVideo();
    await watch(source, 10_000, 300_000);
    expect(session.congestion?.targetBitrate).toBeLessThan(400_000);
    await watch(source, 10_000);
    expect(session.congestion?.targetBitrate).toBeGreaterThan(400_000);
  });

  it('is probed by duplicates in small steps while more is desired', async () => {
    createSession(VIDEO);
    const source = attachVideo();
    await watch(source, 1000);
    expect(sent.some(({ ssrc }) => ssrc === RTX_SSRC)).toBe(false);
    session.congestion!.desiredBitrate = 3_000_000;
    await watch(source, 1000);
    expect(session.congestion?.targetBitrate).toBeGreaterThan(3_000_000);
    const probes = sent.filter(({ ssrc }) => ssrc === RTX_SSRC);
    const video = sent.filter(({ ssrc }) => ssrc === VIDEO_SSRC);
    for (const { payload } of probes) {
      const original = video.find(({ sequenceNumber }) => sequenceNumber === payload.readUInt16BE(0));
      expect(payload.subarray(2)).toEqual(original?.payload);
    }
    const perStep = [...Map.groupBy(probes, ({ at }) => at).values()].map((step) => step.length);
    expect(perStep.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...perStep)).toBeLessThanOrEqual(3);
  });

  it('is probed no more once it is gone', async () => {
    createSession(VIDEO);
    const source = attachVideo();
    await watch(source, 1000);
    session.congestion!.desiredBitrate = 3_000_000;
    session.tick(clock.monotonic());
    session.close();
    expect(clock.pending).toBeGreaterThan(0);
    const before = sent.length;
    await clock.advance(STEP_MS);
    expect(sent).toHaveLength(before);
    expect(clock.pending).toBe(0);
  });
});

describe('a viewer without', () => {
  const REMB = { ...VIDEO, extensions: [SEND_TIME], codecs: [{ ...VIDEO.codecs[0]!, feedback: ['nack', 'goog-remb'] }] };

  it('is told send times, and its own estimate is taken', async () => {
    createSession(REMB);
    const source = attachVideo();
    picture(source);
    await clock.advance(1000);
    picture(source);
    expect(sent.map(({ transportNumber }) => transportNumber)).toEqual([undefined, undefined]);
    expect(sent[1]!.sendTime! - sent[0]!.sendTime!).toBe(2 ** 18);
    session.receiveRtcp(writeRemb({ senderSsrc: 1, bitrate: 640_000, ssrcs: [VIDEO_SSRC] }), clock.monotonic());
    expect(session.congestion?.targetBitrate).toBe(640_000);
  });

  it('is judged by its reports on the video', async () => {
    createSession(REMB, { ...AUDIO, extensions: [] });
    const source = attachVideo();
    const report = { packetsLost: 0, extendedHighestSequence: 0, jitter: 0, lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    const lose = async (ssrc: number): Promise<void> => {
      for (let second = 0; second < 10; second++) {
        for (let packet = 0; packet < 100; packet++) picture(source);
        await clock.advance(1000);
        session.receiveRtcp(writeReceiverReport(1, [{ ...report, ssrc, fractionLost: 128 }]), clock.monotonic());
      }
    };
    await lose(AUDIO_SSRC);
    expect(session.congestion?.targetBitrate).toBe(1_000_000);
    await lose(VIDEO_SSRC);
    expect(session.congestion?.targetBitrate).toBeLessThan(700_000);
  });

  it('of RTX either gets neither extension, so that packets can be sent again as they were', () => {
    createSession({ ...VIDEO, codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack', 'transport-cc'] }] });
    const source = attachVideo();
    picture(source);
    session.receiveRtcp(writeNack(1, VIDEO_SSRC, [sent[0]!.sequenceNumber]), clock.monotonic());
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[0]).toMatchObject({ transportNumber: undefined, sendTime: undefined });
  });
});
