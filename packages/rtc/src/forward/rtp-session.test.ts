import { HEADER_EXTENSIONS, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { compactNtp } from '../rtp/ntp.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import { joinCompound, writeBye, writeReceiverReport } from '../rtp/rtcp-write.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import { ProbePacer } from './probe-pacer.ts';
import { RtpSession } from './rtp-session.ts';
import { TestOutlet, createTestFanOut } from './testing/outbound.ts';
import { VP8, rtp, videoSection } from './testing/sections.ts';

const SEND_TIME_ID = 6;
const TICK_MS = 20;

let clock: FakeClock;
let sent: Buffer[];
let goodbyes: number;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  goodbyes = 0;
});

function createSession(overrides: Partial<NegotiatedSection>): RtpSession {
  return new RtpSession({
    sections: [videoSection(overrides)],
    sources: new Map(),
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
    outlet: new TestOutlet(() => undefined),
    sendRtcp: (packet) => sent.push(Buffer.from(packet)),
    onGoodbye: () => void goodbyes++,
  });
}

/** Lets time pass as the engine does, with a packet of `bytes` each tick. */
async function publish(session: RtpSession, ticks: number, bytes: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) {
    const now = clock.monotonic();
    const sendTime = Buffer.alloc(3);
    sendTime.writeUIntBE(Math.round((now * 2 ** 18) / 1000) & 0xff_ffff, 0, 3);
    const packet = rtp({ sequenceNumber: tick, timestamp: tick * 1800, payload: Buffer.alloc(bytes, 1), extensions: { [SEND_TIME_ID]: sendTime } });
    session.receiveRtp(packet, now);
    session.tick(now);
    await clock.advance(TICK_MS);
  }
}

describe('a publisher without transport-wide feedback', () => {
  const extensions = [{ id: SEND_TIME_ID, uri: HEADER_EXTENSIONS.absSendTime, direction: 'sendrecv' as const }];
  const codecs = [{ payloadType: 96, codec: VP8, feedback: ['goog-remb'] }];

  function estimates(): { readonly bitrate: number; readonly ssrcs: readonly number[] }[] {
    return sent.flatMap((packet) => parseRtcp(packet)).filter((packet) => packet.type === 'remb');
  }

  it('hears twice a second what its path bears', async () => {
    const session = createSession({ extensions, codecs });
    await publish(session, 500, 1200);
    expect(estimates().length).toBeGreaterThanOrEqual(19);
    expect(estimates().length).toBeLessThan(25);
    const last = estimates().at(-1);
    expect(last?.ssrcs).toEqual([1111]);
    // Half again as much as has come through, and no less than what it began with.
    expect(last?.bitrate).toBeGreaterThan(950_000);
    expect(last?.bitrate).toBeLessThan(1_100_000);
  });

  it('hears nothing when it takes no such estimate, or has the better feedback', async () => {
    await publish(createSession({ extensions, codecs: [{ payloadType: 96, codec: VP8, feedback: [] }] }), 100, 1200);
    await publish(createSession({ codecs }), 100, 1200);
    expect(estimates()).toEqual([]);
  });
});

it('measures the round trip to a publisher by its answers to our reference time', async () => {
  const session = createSession({});
  await publish(session, 60, 100);
  const report = sent.find((packet) => parseRtcp(packet).some(({ type }) => type === 'receiver-report'))!;
  const extended = report.subarray(report.length - 20);
  expect(extended.readUInt8(1)).toBe(207);
  const answer = Buffer.from('80cf00050000045705000003000000000000000000004000', 'hex');
  extended.copy(answer, 12, 4, 8);
  answer.writeUInt32BE(compactNtp(extended.readBigUInt64BE(12)), 16);
  const other = Buffer.from(answer);
  other.writeUInt32BE((extended.readUInt32BE(4) ^ 1) >>> 0, 12);
  session.receiveRtcp(other, clock.monotonic());
  expect(session.roundTripMs).toBeUndefined();
  // The report was sent after one second, and the answer says that it was held for a quarter of one.
  session.receiveRtcp(answer, 1330);
  expect(session.roundTripMs).toBeCloseTo(80, 0);
});

describe('a BYE of a publisher', () => {
  const rid = (name: string) => ({ 2: name });

  function sayGoodbye(session: RtpSession, ...ssrcs: number[]): void {
    session.receiveRtcp(joinCompound([writeReceiverReport(1, []), writeBye(ssrcs)]), clock.monotonic());
  }

  function receive(session: RtpSession, ssrc: number, sequenceNumber: number): void {
    session.receiveRtp(rtp({ ssrc, sequenceNumber, extensions: rid(`layer ${ssrc}`) }), clock.monotonic());
  }

  it('counts once it has named all that was sent, and one layer at once', () => {
    const session = createSession({});
    receive(session, 1, 1);
    receive(session, 2, 1);
    sayGoodbye(session, 1, 99);
    expect(goodbyes).toBe(0);
    const [left, other] = session.inbound[0]!.layers;
    expect([left!.isSilent(clock.monotonic()), other!.isSilent(clock.monotonic())]).toEqual([true, false]);
    sayGoodbye(session, 2);
    expect(goodbyes).toBe(1);
  });

  it('is taken back by what comes afterwards', () => {
    const session = createSession({});
    receive(session, 1, 1);
    receive(session, 2, 1);
    sayGoodbye(session, 1);
    receive(session, 1, 2);
    sayGoodbye(session, 2);
    expect(goodbyes).toBe(0);
    expect(session.inbound[0]!.layers[0]!.isSilent(clock.monotonic())).toBe(false);
    sayGoodbye(session, 1);
    expect(goodbyes).toBe(1);
  });

  it('says nothing before anything was sent', () => {
    sayGoodbye(createSession({}), 1111);
    expect(goodbyes).toBe(0);
  });
});
