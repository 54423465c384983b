import { ProbeMeasurement } from './probe-measurement.ts';
import { MAX_CLUSTER, NO_CLUSTER } from './sent-packets.ts';

/** What to send at once, beside the media, so that the cluster keeps its rate. */
export interface ProbeRequest {
  /** Bit/s of the whole cluster. */
  bitrate: number;
  /** Of padding or repeated packets, headers included. */
  bytes: number;
}

/** What a decision to probe rests on, bit/s. */
export interface ProbeSituation {
  target: number;
  /** What would be sent if the path carried it. */
  desired: number;
  /** What is sent now. */
  sent: number;
  maxBitrate: number;
  /** Whether the delay grows, or losses bound the rate. */
  congested: boolean;
}

const CLUSTER_MS = 25;
/** Jitter spoils a short cluster, so that after a failure the next one is twice as long, up to this. */
const MAX_CLUSTER_MS = 50;
/** What a cluster has queued drains for a while. */
const DRAIN_MS = 500;
const MIN_CLUSTER_PACKETS = 5;
/** Requests come every few milliseconds; each asks for what is due until the next one. */
const REQUEST_AHEAD_MS = 5;
/** A cluster that its owner does not send is given up. */
const CLUSTER_TIMEOUT_MS = 250;
const RESULT_TIMEOUT_MS = 1000;
const FIRST_FACTOR = 3;
const NEXT_FACTOR = 2;
/** Of the rate probed: from here on a faster probe is worth it. */
const WORTH_GOING_ON = 0.7;
/** A rate is known to fit only with some room above it. */
const HEADROOM = 1.15;
/** Sending less than this part of the target, growth has to be probed for. */
const APPLICATION_LIMITED = 0.8;
const MIN_INTERVAL_MS = 5000;
const MAX_INTERVAL_MS = 15_000;
const CALM_BEFORE_PROBE_MS = 2000;
/** A fall below this part of the target may have been a short one, and is probed for. */
const STEEP_FALL = 0.66;
const RECOVERY_FACTOR = 0.85;
const RECOVERY_WITHIN_MS = 5000;

/**
 * Decides when a burst of padding shall find out whether more fits than is sent: at the start, when the path seems to
 * carry what the sender would like to send, and after a steep fall (libwebrtc's probe controller; draft-ietf-rmcat-gcc-02
 * has none). Probes that find nothing come more and more seldom.
 */
export class ProbeController {
  readonly #measurement = new ProbeMeasurement();
  readonly #request: ProbeRequest = { bitrate: 0, bytes: 0 };
  #cluster = NO_CLUSTER;
  #active = false;
  #awaited = false;
  #bitrate = 0;
  #clusterMs = CLUSTER_MS;
  #beganAt = 0;
  #endedAt = 0;
  #resultAt = -Infinity;
  #probed = false;
  /** What to probe at next without waiting; 0 = nothing. */
  #next = 0;
  #intervalMs = MIN_INTERVAL_MS;
  #nextAt = 0;
  #congestedAt = -Infinity;
  #fellFrom = 0;
  #fellAt = 0;

  /** Whether a cluster is being sent. */
  get isActive(): boolean {
    return this.#active;
  }

  /** Cluster that a packet sent now belongs to. */
  get cluster(): number {
    return this.#active ? this.#cluster : NO_CLUSTER;
  }

  /** Whether a delay that grows may be the doing of a probe. */
  isDisturbing(now: number): boolean {
    return this.#awaited || now - this.#resultAt < DRAIN_MS;
  }

  onSent(bytes: number): void {
    if (this.#active) this.#measurement.onSent(bytes);
  }

  onReceived(cluster: number, bytes: number, sentAt: number, arrival: number): void {
    if (this.#awaited) this.#measurement.onReceived(cluster, bytes, sentAt, arrival);
  }

  /** The target fell; by much, that is worth a probe once the path is calm. */
  onFall(from: number, to: number, now: number): void {
    if (to >= STEEP_FALL * from) return;
    this.#fellFrom = from;
    this.#fellAt = now;
  }

  /** What is due now. The object is reused by the next call. */
  wanted(situation: ProbeSituation, now: number): ProbeRequest | undefined {
    if (situation.congested) this.#congestedAt = now;
    if (this.#active && this.#isComplete(now)) this.#end(now);
    if (this.#awaited && !this.#active && now - this.#endedAt > RESULT_TIMEOUT_MS) this.#onFailure(now);
    if (!this.#awaited) this.#decide(situation, now);
    return this.#active ? this.#due(now) : undefined;
  }

  /** The result of a cluster that has just become known, bit/s. */
  takeResult(now: number): number | undefined {
    if (!this.#awaited || this.#active) return undefined;
    const result = this.#measurement.result();
    if (result === undefined) return undefined;
    this.#awaited = false;
    this.#resultAt = now;
    if (result >= WORTH_GOING_ON * this.#bitrate) {
      this.#next = NEXT_FACTOR * result;
      this.#intervalMs = MIN_INTERVAL_MS;
      this.#clusterMs = CLUSTER_MS;
      this.#nextAt = now + this.#intervalMs;
    } else this.#onFailure(now);
    return result;
  }

  #decide(situation: ProbeSituation, now: number): void {
    const goal = Math.min(HEADROOM * situation.desired, situation.maxBitrate);
    const bitrate = this.#choose(situation, goal, now);
    this.#next = 0;
    if (bitrate > situation.target) this.#begin(Math.min(bitrate, goal), now);
  }

  /** @returns 0 for no probe */
  #choose(situation: ProbeSituation, goal: number, now: number): number {
    if (situation.sent === 0 || goal <= situation.target || situation.congested) return 0;
    if (!this.#probed) return FIRST_FACTOR * situation.target;
    if (this.#next > 0) return this.#next;
    if (now - this.#congestedAt < CALM_BEFORE_PROBE_MS) return 0;
    if (this.#fellFrom > 0) return this.#recovery(now);
    if (now < this.#nextAt || situation.sent > APPLICATION_LIMITED * situation.target) return 0;
    return NEXT_FACTOR * situation.target;
  }

  #recovery(now: number): number {
    const bitrate = now - this.#fellAt <= RECOVERY_WITHIN_MS ? RECOVERY_FACTOR * this.#fellFrom : 0;
    this.#fellFrom = 0;
    return bitrate;
  }

  #begin(bitrate: number, now: number): void {
    this.#cluster = (this.#cluster % MAX_CLUSTER) + 1;
    this.#measurement.begin(this.#cluster);
    this.#probed = true;
    this.#active = true;
    this.#awaited = true;
    this.#bitrate = bitrate;
    this.#beganAt = now;
  }

  #due(now: number): ProbeRequest | undefined {
    const elapsed = now - this.#beganAt + REQUEST_AHEAD_MS;
    const bytes = Math.ceil((this.#bitrate * elapsed) / 8000) - this.#measurement.sentBytes;
    if (bytes <= 0) return undefined;
    this.#request.bitrate = this.#bitrate;
    this.#request.bytes = bytes;
    return this.#request;
  }

  #isComplete(now: number): boolean {
    if (now - this.#beganAt > CLUSTER_TIMEOUT_MS) return true;
    const { sentBytes, sentPackets } = this.#measurement;
    return sentPackets >= MIN_CLUSTER_PACKETS && sentBytes >= (this.#bitrate * this.#clusterMs) / 8000;
  }

  #end(now: number): void {
    this.#active = false;
    this.#endedAt = now;
    if (this.#measurement.sentPackets < MIN_CLUSTER_PACKETS) this.#onFailure(now);
  }

  #onFailure(now: number): void {
    this.#awaited = false;
    this.#next = 0;
    this.#nextAt = now + this.#intervalMs;
    this.#intervalMs = Math.min(2 * this.#intervalMs, MAX_INTERVAL_MS);
    this.#clusterMs = Math.min(2 * this.#clusterMs, MAX_CLUSTER_MS);
  }
}
