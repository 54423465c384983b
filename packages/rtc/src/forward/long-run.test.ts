import { HEADER_EXTENSIONS, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import type { RtcpPacket } from '../rtp/rtcp-packets.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { SequenceUnwrapper } from '../rtp/sequence.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { ProbePacer } from './probe-pacer.ts';
import { RtpSession } from './rtp-session.ts';
import { TestOutlet, createTestFanOut } from './testing/outbound.ts';
import { VP8_DELTA, VP8_KEYFRAME, rtp, videoSection } from './testing/sections.ts';

/** As many as an hour of 50 packets/s; each kind of number starts near its wrap and passes it several times. */
const PACKETS = 180_000;
const FIRST = { media: 65_000, rtx: 65_400, transportWide: 65_530 };
const LOST_EACH = 3;
const TRANSPORT_CC_ID = 4;
const MEDIA_SSRC = 1111;
const RTX_SSRC = 2222;
const VIEWER_SSRC = 5000;
/** How many packets later a viewer asks for one again. */
const NACK_DELAY = 5;

/** A publisher that loses every third packet on the way to us, and answers our NACKs. */
class LossyPublisher {
  readonly control: RtcpPacket[] = [];
  readonly session: RtpSession;
  readonly #clock: FakeClock;
  /** Sequence numbers that we have asked for. */
  #asked: number[] = [];
  #now = 0;
  #retransmissions = 0;
  #transportWide = FIRST.transportWide;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.session = new RtpSession({
      sections: [videoSection({ remoteSsrcs: [{ ssrc: MEDIA_SSRC, rtxSsrc: RTX_SSRC }] })],
      sources: new Map(),
      cname: 'test',
      clock,
      logger: silentLogger,
      keyframeIntervalMs: 1000,
      keyframeCacheBytes: 0,
      maxRetransmissionsPerSecond: 0,
      startBitrateKbps: 0,
      viewerBitrate: { minBitrate: 50_000, startBitrate: 1_000_000, maxBitrate: 50_000_000 },
      probePacer: new ProbePacer({ clock, logger: silentLogger, outbounds: { flush: () => undefined } }),
      fanOut: createTestFanOut(clock),
      outlet: new TestOutlet(() => undefined),
      sendRtcp: (bytes) => this.#onControl(parseRtcp(bytes)),
      onGoodbye: () => undefined,
    });
  }

  /** Numbers that were given to packets, those that were lost too. */
  get transportWideCount(): number {
    return this.#transportWide - FIRST.transportWide;
  }

  async send(number: number): Promise<void> {
    const isLost = number % LOST_EACH === 1;
    if (isLost) this.#transportWide++;
    else this.#deliver(FIRST.media + number, MEDIA_SSRC, 96, number * 1800, payloadOf(number));
    this.#now += 20;
    await this.#clock.advance(20);
    this.session.tick(this.#now);
    for (const sequenceNumber of this.#asked.splice(0)) this.#retransmit(sequenceNumber);
  }

  #onControl(packets: readonly RtcpPacket[]): void {
    for (const packet of packets) {
      this.control.push(packet);
      if (packet.type === 'nack') this.#asked.push(...packet.sequenceNumbers);
    }
  }

  #retransmit(sequenceNumber: number): void {
    // The newest number that has these low 16 bits.
    const sent = Math.round(this.#now / 20);
    const number = sent - ((FIRST.media + sent - sequenceNumber) & 0xffff);
    const payload = Buffer.concat([Buffer.alloc(2), payloadOf(number)]);
    payload.writeUInt16BE(sequenceNumber);
    this.#deliver(FIRST.rtx + this.#retransmissions++, RTX_SSRC, 97, number * 1800, payload);
  }

  #deliver(sequence: number, ssrc: number, payloadType: number, timestamp: number, payload: Buffer): void {
    const transportWide = Buffer.alloc(2);
    transportWide.writeUInt16BE(this.#transportWide++ & 0xffff);
    const packet = rtp({ sequenceNumber: sequence & 0xffff, ssrc, payloadType, timestamp: timestamp >>> 0, marker: true, payload, extensions: { [TRANSPORT_CC_ID]: transportWide } });
    this.session.receiveRtp(packet, this.#now);
  }
}

function payloadOf(number: number): Buffer {
  const payload = Buffer.alloc(20);
  payload.set(number === 0 ? VP8_KEYFRAME : VP8_DELTA);
  payload.writeUInt32BE(number, 16);
  return payload;
}

/** A viewer that asks for each packet once more, a little later. */
class ForgetfulViewer {
  readonly track: ForwardingTrack;
  /** By the publisher's number: the unwrapped number here. */
  readonly media = new Map<number, number>();
  /** The same for what came again, with the number that it repeats. */
  readonly repeated = new Map<number, number>();
  readonly rtxSteps = new Set<number>();
  readonly #packet = new RtpPacket();
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #rtxUnwrapper = new SequenceUnwrapper();
  #lastRtx: number | undefined;

  constructor(clock: FakeClock) {
    this.track = new ForwardingTrack({
      kind: 'video',
      section: videoSection({ direction: 'sendonly', extensions: [{ id: 1, uri: HEADER_EXTENSIONS.mid, direction: 'sendrecv' }] }),
      ssrc: VIEWER_SSRC,
      rtxSsrc: VIEWER_SSRC + 1,
      clock,
      maxRetransmissionsPerSecond: 1000,
      outlet: new TestOutlet((bytes) => this.#receive(bytes)),
    });
  }

  askAgain(number: number): void {
    const sequence = this.media.get(number);
    if (sequence !== undefined) this.track.onNack([sequence & 0xffff]);
  }

  #receive(bytes: Buffer): void {
    this.#packet.parse(bytes);
    const { ssrc, sequenceNumber, payloadOffset, payloadEnd } = this.#packet;
    const number = bytes.readUInt32BE(payloadEnd - 4);
    if (ssrc === VIEWER_SSRC) {
      this.media.set(number, this.#unwrapper.unwrap(sequenceNumber));
      return;
    }
    this.repeated.set(number, bytes.readUInt16BE(payloadOffset));
    const rtx = this.#rtxUnwrapper.unwrap(sequenceNumber);
    if (this.#lastRtx !== undefined) this.rtxSteps.add(rtx - this.#lastRtx);
    this.#lastRtx = rtx;
  }
}

it('goes on for an hour, over the wraps of all numbers in both directions', async () => {
  const clock = new FakeClock();
  const publisher = new LossyPublisher(clock);
  const viewer = new ForgetfulViewer(clock);
  viewer.track.attach(publisher.session.inbound[0]!);
  viewer.track.start();
  for (let number = 0; number < PACKETS; number++) {
    await publisher.send(number);
    viewer.askAgain(number - NACK_DELAY);
  }

  // Every packet has reached the viewer, each under the next number, and each was there to be sent again.
  const complete = PACKETS - 2;
  const first = viewer.media.get(0) ?? Number.NaN;
  const wrong = Array.from({ length: complete }, (_, number) => number).filter((number) => {
    const sequence = first + number;
    const wasRepeated = number >= complete - NACK_DELAY || viewer.repeated.get(number) === (sequence & 0xffff);
    return viewer.media.get(number) !== sequence || !wasRepeated;
  });
  expect(wrong).toEqual([]);
  expect([...viewer.rtxSteps]).toEqual([1]);
  expect(publisher.session.inbound[0]!.stats()).toMatchObject({ retransmittedPacketsReceived: PACKETS / LOST_EACH, packetsLost: 0, framesReceived: PACKETS });

  const blocks = publisher.control.filter((packet) => packet.type === 'receiver-report').at(-1)!.reports;
  const [media, rtx] = [MEDIA_SSRC, RTX_SSRC].map((ssrc) => blocks.find((block) => block.ssrc === ssrc)!);
  expect(media!.extendedHighestSequence >>> 16).toBe(3);
  expect(media!.packetsLost).toBeGreaterThan(PACKETS / LOST_EACH - 100);
  expect(media!.fractionLost).toBeCloseTo(256 / LOST_EACH, -1);
  expect(rtx).toMatchObject({ packetsLost: 0 });
  expect(rtx!.extendedHighestSequence >>> 16).toBeGreaterThanOrEqual(1);

  const feedback = publisher.control.filter((packet) => packet.type === 'transport-cc');
  const unwrapper = new SequenceUnwrapper();
  let next = FIRST.transportWide;
  for (const { baseSequenceNumber, arrivals } of feedback) {
    expect(unwrapper.unwrap(baseSequenceNumber)).toBe(next);
    next += arrivals.length;
  }
  expect(publisher.transportWideCount - (next - FIRST.transportWide)).toBeLessThan(10);
  const lost = feedback.reduce((sum, { arrivals }) => sum + arrivals.filter((arrival) => arrival === undefined).length, 0);
  expect(lost).toBeGreaterThan(PACKETS / LOST_EACH - 10);
  expect(lost).toBeLessThanOrEqual(Math.ceil(PACKETS / LOST_EACH));
});
