import { type Codec, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { RtpPacket } from '../../rtp/rtp-packet.ts';
import type { FanOut } from '../fan-out.ts';
import { ForwardingTrack } from '../forwarding-track.ts';
import { MediaSource } from '../media-source.ts';
import { TestOutlet, createTestFanOut } from './outbound.ts';
import { VP8, VP8_DELTA, VP8_KEYFRAME, rtp, videoSection } from './sections.ts';

export const TICK_MS = 20;
const FRAME_MS = 40;
/** The same in RTP timestamps. */
export const FRAME_TICKS = 3600;

/** What a viewer was sent. */
export interface Sent {
  readonly bytes: Buffer;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  /** The number that the publisher gave the packet. */
  readonly number: number;
}

/** A publisher that answers no keyframe request. */
export class SilentPublisher extends MediaSource {
  readonly codec: Codec = VP8;
  readonly codecs = [VP8];
  readonly extensions = [];
  readonly clockMapping = undefined;
  readonly #ssrc: number;
  readonly #start: number;
  readonly #view = new RtpPacket();
  requests = 0;

  /** @param start sequence number of its first packet */
  constructor(clock: FakeClock, fanOut: FanOut, ssrc: number, start: number, keyframeCacheBytes: number) {
    super({ kind: 'video', clock, logger: silentLogger, fanOut, keyframeCacheBytes });
    this.#ssrc = ssrc;
    this.#start = start;
  }

  requestKeyframe(): void {
    this.requests++;
  }

  stats(): never {
    throw new Error('Nobody asks for these.');
  }

  /** Packet 0 begins the stream; each one is a picture. */
  send(number: number, keyframe = false): void {
    const payload = Buffer.alloc(20);
    payload.set(keyframe ? VP8_KEYFRAME : VP8_DELTA);
    payload.writeUInt32BE(number, 16);
    const sequenceNumber = (this.#start + number) & 0xffff;
    const timestamp = (2 ** 32 - 10_000 + number * FRAME_TICKS) >>> 0;
    this.#view.parse(rtp({ ssrc: this.#ssrc, sequenceNumber, timestamp, payload, marker: true }));
    this.emit(this.#view, VP8, keyframe, this.clock.monotonic());
  }
}

/** A viewer with a clock of its own. It has no RTX, which is where one number for two packets is dangerous. */
export class TestViewer {
  readonly clock = new FakeClock();
  readonly sent: Sent[] = [];
  readonly track = new ForwardingTrack({
    kind: 'video',
    section: videoSection({ direction: 'sendonly', codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack'] }] }),
    ssrc: 5000,
    rtxSsrc: undefined,
    clock: this.clock,
    maxRetransmissionsPerSecond: 100_000,
    outlet: new TestOutlet((packet) => this.sent.push(read(packet))),
  });

  readonly #fanOut: FanOut;

  /** @param flushIntervalMs how long packets are gathered */
  constructor(flushIntervalMs = 0) {
    this.#fanOut = createTestFanOut(this.clock, flushIntervalMs);
  }

  get numbers(): number[] {
    return this.sent.map(({ number }) => number);
  }

  source(ssrc = 1, start = 65_000, keyframeCacheBytes = 1_000_000): SilentPublisher {
    return new SilentPublisher(this.clock, this.#fanOut, ssrc, start, keyframeCacheBytes);
  }

  /** Publishes packets in real time; the first of all is a keyframe. */
  async publish(source: SilentPublisher, first: number, last: number): Promise<void> {
    for (let number = first; number <= last; number++) {
      source.send(number, number === 0);
      await this.pass(FRAME_MS);
    }
  }

  /** Lets time pass as the engine does. */
  async pass(ms: number): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed += TICK_MS) {
      await this.clock.advance(TICK_MS);
      this.track.tick(this.clock.monotonic());
    }
  }

  /** The steps between neighbours in what was sent. */
  steps(between: (from: Sent, to: Sent) => number): number[] {
    return this.sent.slice(1).flatMap((to, index) => {
      const from = this.sent[index];
      return from ? [between(from, to)] : [];
    });
  }
}

function read(bytes: Buffer): Sent {
  const view = new RtpPacket();
  view.parse(bytes);
  const { sequenceNumber, timestamp, payloadOffset } = view;
  return { bytes, sequenceNumber, timestamp, number: bytes.readUInt32BE(payloadOffset + 16) };
}
