import { parseRtcp } from '../../rtp/rtcp-parse.ts';
import { RoundTrip } from '../../rtp/round-trip.ts';
import { TransportCcRecorder } from '../../rtp/twcc-recorder.ts';
import { CongestionController, type CongestionControllerOptions } from '../congestion-controller.ts';
import { type PathConditions, SimulatedPath } from './simulated-path.ts';

const STEP_MS = 1;
const FRAME_MS = 33;
const PACKET_BYTES = 1200;
const FEEDBACK_INTERVAL_MS = 50;
const REQUEST_INTERVAL_MS = 5;

export interface ViewerOptions {
  readonly path: Partial<PathConditions>;
  readonly feedbackPath?: Partial<PathConditions> | undefined;
  readonly controller?: Partial<CongestionControllerOptions> | undefined;
  /** Bit/s that the sender sends at a target; default: all of it. */
  readonly media?: ((target: number) => number) | undefined;
  readonly desiredBitrate?: number | undefined;
  readonly seed?: number | undefined;
  /** The receiver's clock at the start, milliseconds. */
  readonly receiverClockMs?: number | undefined;
}

interface Arrival {
  readonly at: number;
  readonly sequenceNumber: number;
}

interface Delivery {
  readonly at: number;
  readonly feedback: Buffer;
}

/** A sender of frames with its controller, a path, and a viewer that answers with our own feedback; on fake time. */
export class SimulatedViewer {
  readonly path: SimulatedPath;
  readonly feedbackPath: SimulatedPath;
  readonly roundTrip = new RoundTrip();
  readonly controller: CongestionController;
  /** Bytes of probes so far. */
  probeBytes = 0;
  now: number;
  /** Added to the receiver's clock; tests set it. */
  receiverClockMs: number;
  media: (target: number) => number;
  readonly #recorder = new TransportCcRecorder();
  #arrivals: Arrival[] = [];
  #deliveries: Delivery[] = [];
  #step = 0;
  #owedBytes = 0;
  #arrivedBytes = 0;

  constructor({ path, feedbackPath, controller, media, desiredBitrate = 0, seed = 1, receiverClockMs = 5000 }: ViewerOptions) {
    this.path = new SimulatedPath(path, seed);
    this.feedbackPath = new SimulatedPath(feedbackPath ?? {}, seed + 1);
    this.controller = new CongestionController({
      minBitrate: 50_000,
      startBitrate: 1_000_000,
      maxBitrate: 50_000_000,
      transportCc: true,
      roundTrip: this.roundTrip,
      ...controller,
    });
    this.controller.desiredBitrate = desiredBitrate;
    this.media = media ?? ((target) => target);
    this.receiverClockMs = receiverClockMs;
    this.now = 1000;
  }

  get target(): number {
    return this.controller.targetBitrate;
  }

  /** @returns what the target was on average, at least and at most, and what arrived, bit/s */
  run(seconds: number): { readonly mean: number; readonly least: number; readonly most: number; readonly arrived: number } {
    const steps = (seconds * 1000) / STEP_MS;
    let sum = 0;
    let least = Infinity;
    let most = 0;
    this.#arrivedBytes = 0;
    for (let step = 0; step < steps; step++) {
      this.#advance();
      sum += this.target;
      least = Math.min(least, this.target);
      most = Math.max(most, this.target);
    }
    return { mean: sum / steps, least, most, arrived: (this.#arrivedBytes * 8) / seconds };
  }

  /** @returns seconds until the target fulfils `condition`, or undefined when it never does within `seconds` */
  runUntil(condition: (target: number) => boolean, seconds: number): number | undefined {
    for (let step = 0; step < (seconds * 1000) / STEP_MS; step++) {
      if (condition(this.target)) return (step * STEP_MS) / 1000;
      this.#advance();
    }
    return undefined;
  }

  #advance(): void {
    this.now += STEP_MS;
    this.#step++;
    if (this.#step % FRAME_MS === 0) this.#sendFrame();
    if (this.#step % REQUEST_INTERVAL_MS === 0) this.#probe();
    this.#receive();
    if (this.#step % FEEDBACK_INTERVAL_MS === 0) this.#answer();
    this.#deliver();
  }

  /** Packets of a frame leave back to back. */
  #sendFrame(): void {
    this.#owedBytes += (this.media(this.target) * FRAME_MS) / 8000;
    while (this.#owedBytes > 0) {
      this.#send(PACKET_BYTES);
      this.#owedBytes -= PACKET_BYTES;
    }
  }

  #probe(): void {
    this.controller.tick(this.now);
    let bytes = this.controller.probeWanted(this.now)?.bytes ?? 0;
    for (; bytes > 0; bytes -= PACKET_BYTES) {
      this.#send(PACKET_BYTES);
      this.probeBytes += PACKET_BYTES;
    }
  }

  #send(bytes: number): void {
    const sequenceNumber = this.controller.onPacketSent(bytes, this.now);
    const at = this.path.send(bytes, this.now);
    if (at !== undefined) this.#arrivals.push({ at, sequenceNumber });
  }

  #receive(): void {
    const later: Arrival[] = [];
    for (const arrival of this.#arrivals) {
      if (arrival.at > this.now) later.push(arrival);
      else {
        this.#arrivedBytes += PACKET_BYTES;
        this.#recorder.record(arrival.sequenceNumber, (arrival.at + this.receiverClockMs) * 1000);
      }
    }
    this.#arrivals = later;
  }

  #answer(): void {
    for (const feedback of this.#recorder.buildFeedback(1, 2)) {
      const at = this.feedbackPath.send(feedback.length, this.now);
      if (at !== undefined) this.#deliveries.push({ at, feedback });
    }
  }

  #deliver(): void {
    const due = this.#deliveries.filter(({ at }) => at <= this.now).toSorted((a, b) => a.at - b.at);
    this.#deliveries = this.#deliveries.filter(({ at }) => at > this.now);
    for (const { feedback } of due) {
      for (const packet of parseRtcp(feedback)) {
        if (packet.type === 'transport-cc') this.controller.onFeedback(packet, this.now);
      }
    }
  }
}
