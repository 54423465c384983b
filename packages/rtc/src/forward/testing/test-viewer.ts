import { type Codec, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { RtpPacket } from '../../rtp/rtp-packet.ts';
import type { FanOut } from '../fan-out.ts';
import { ForwardingTrack } from '../forwarding-track.ts';
import { MediaSource } from '../media-source.ts';
import type { KeyframeCache } from '../keyframe-cache.ts';
import { TestLayer } from './layers.ts';
import { TestOutlet, createTestFanOut } from './outbound.ts';
import { VP8, VP8_DELTA, VP8_KEYFRAME, rtp, videoSection } from './sections.ts';

export const TICK_MS = 20;
const FRAME_MS = 40;
const RIDS = ['l', 'm', 'h'];
/** The same in RTP timestamps. */
export const FRAME_TICKS = 3600;

/** What a viewer was sent. */
export interface Sent {
  readonly bytes: Buffer;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  /** The number that the publisher gave the packet. */
  readonly number: number;
  /** Index of the layer among the publisher's. */
  readonly layer: number;
  /** As the viewer sees it, from a source with temporal layers. */
  readonly pictureId: number;
}

/** A publisher that answers no keyframe request. */
export class SilentPublisher extends MediaSource {
  readonly codec: Codec = VP8;
  readonly codecs = [VP8];
  readonly extensions = [];
  readonly rids: readonly string[];
  readonly layers: readonly TestLayer[];
  /** Whether packets say their temporal layers; set it before the first. */
  temporal = false;
  readonly #starts: readonly number[];
  readonly #view = new RtpPacket();

  /** @param starts sequence number of the first packet, for each layer */
  constructor(clock: FakeClock, fanOut: FanOut, ssrc: number, starts: readonly number[], keyframeCacheBytes: number) {
    super({ kind: 'video', clock, logger: silentLogger, fanOut, keyframeCacheBytes });
    this.#starts = starts;
    this.rids = starts.length < 2 ? [] : starts.map((_, index) => RIDS[index] ?? 'x');
    const options = { kind: 'video', sourceId: this.id, extensions: this.extensions, keyframeCacheBytes, now: clock.monotonic() } as const;
    this.layers = starts.map((_, index) => new TestLayer({ ...options, ssrc: ssrc + index, rid: this.rids[index] }));
  }

  get requests(): number {
    return this.layers.reduce((sum, { requests }) => sum + requests, 0);
  }

  get keyframeCache(): KeyframeCache | undefined {
    return this.layers[0]?.keyframeCache;
  }

  requestKeyframe(): void {
    this.layers[0]?.requestKeyframe();
  }

  stats(): never {
    throw new Error('Nobody asks for these.');
  }

  timestampOf(number: number, index: number): number {
    return (2 ** 32 - 10_000 + index * 777_777 + number * FRAME_TICKS) >>> 0;
  }

  /** Packet 0 begins the stream; each one is a picture, larger in a higher layer. */
  send(number: number, keyframe = false, index = 0): void {
    const layer = this.layers[index];
    if (!layer) throw new Error(`The source has no layer ${index}.`);
    const begin = keyframe ? VP8_KEYFRAME : VP8_DELTA;
    const payload = Buffer.alloc(28 + 400 * index);
    payload.set(this.temporal ? Buffer.concat([temporalDescriptor(number, keyframe), begin.subarray(1)]) : begin);
    payload.writeUInt32BE(number, payload.length - 8);
    payload.writeUInt32BE(index, payload.length - 4);
    const sequenceNumber = ((this.#starts[index] ?? 0) + number) & 0xffff;
    this.#view.parse(rtp({ ssrc: layer.ssrc, sequenceNumber, timestamp: this.timestampOf(number, index), payload, marker: true }));
    this.emit(layer, this.#view, VP8, keyframe, this.clock.monotonic());
  }
}

/** A viewer with a clock of its own. It has no RTX, which is where one number for two packets is dangerous. */
export class TestViewer {
  readonly clock = new FakeClock();
  readonly sent: Sent[] = [];
  /** What the path carries, bit/s. */
  estimate: number | undefined;
  readonly track = new ForwardingTrack({
    kind: 'video',
    section: videoSection({ direction: 'sendonly', codecs: [{ payloadType: 96, codec: VP8, feedback: ['nack'] }] }),
    ssrc: 5000,
    rtxSsrc: undefined,
    clock: this.clock,
    maxRetransmissionsPerSecond: 100_000,
    outlet: new TestOutlet((packet) => this.sent.push(read(packet))),
    path: () => this.estimate,
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
    return new SilentPublisher(this.clock, this.#fanOut, ssrc, [start], keyframeCacheBytes);
  }

  /** A source with three layers, from the lowest to the highest. */
  simulcast(ssrc = 100, starts: readonly number[] = [65_000, 300, 40_000], keyframeCacheBytes = 1_000_000): SilentPublisher {
    return new SilentPublisher(this.clock, this.#fanOut, ssrc, starts, keyframeCacheBytes);
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
  return { bytes, sequenceNumber, timestamp, number: bytes.readUInt32BE(bytes.length - 8), layer: bytes.readUInt32BE(bytes.length - 4), pictureId: bytes.readUInt16BE(payloadOffset + 2) & 0x7fff };
}

/** Of three temporal layers, in the order 0 2 1 2. */
export function temporalLayerOf(number: number): number {
  return [0, 2, 1, 2][number % 4] ?? 0;
}

/** RFC 7741 section 4.2 with picture id, TL0PICIDX and TID; the first picture of a layer after a base layer may be switched to. */
function temporalDescriptor(number: number, keyframe: boolean): Buffer {
  const pictureId = (32_000 + number) & 0x7fff;
  const temporalLayer = keyframe ? 0 : temporalLayerOf(number);
  const isSync = number % 4 === 1 || number % 4 === 2;
  return Buffer.from([0x90, 0xe0, 0x80 | (pictureId >> 8), pictureId & 0xff, (number >> 2) & 0xff, (temporalLayer << 6) | (isSync ? 0x20 : 0)]);
}
