const OBSERVATIONS = 20;
const OBSERVATION_MS = 250;
/** Weight of an observation against one that is a quarter of a second newer. */
const AGING = 0.9;
/** Loss that a path has however little is sent: at most this, and more on a slow one. */
const MAX_INHERENT_LOSS = 0.1;
const INHERENT_LOSS_BALANCE = 75_000;
/** No path is so good, or so bad, that one packet could prove a model wrong. */
const MIN_PROBABILITY = 0.001;
const MAX_PROBABILITY = 0.999;
/** Decides between bandwidths that explain the losses equally well. */
const HIGH_BANDWIDTH_PREFERENCE = 0.005;
const STEPS = [1.02, 1, 0.95] as const;
const MAX_RISE = 1.5;

/**
 * How much a path carries, told from its losses alone. A path loses some packets at any rate (inherent loss, as on a
 * radio link) and all that exceed its bandwidth. Of a few candidates, the bandwidth is taken under which the losses of
 * the last seconds are most likely, as libwebrtc does since it left the fixed 2 and 10 % of draft-ietf-rmcat-gcc-02
 * section 6; so random loss alone does not bring the rate down.
 */
export class LossBasedBound {
  /** Of each observation: packets, the lost ones of them, and the bit/s sent; rings. */
  readonly #packets = new Float64Array(OBSERVATIONS);
  readonly #losses = new Float64Array(OBSERVATIONS);
  readonly #rates = new Float64Array(OBSERVATIONS);
  readonly #aging: number;
  #observations = 0;
  #bound = Infinity;
  #openPackets = 0;
  #openLosses = 0;
  #openBytes = 0;
  #openedAt = 0;
  #lastSentAt = 0;

  /** @param intervalMs from one observation to the next */
  constructor(intervalMs = OBSERVATION_MS) {
    this.#aging = AGING ** (intervalMs / OBSERVATION_MS);
  }

  /** Bit/s; Infinity while losses say nothing. */
  get value(): number {
    return this.#bound;
  }

  /** Notes that a packet was reported, once for each. */
  add(bytes: number, sentAt: number, lost: boolean): void {
    if (this.#openPackets === 0) {
      this.#openedAt = sentAt;
      this.#lastSentAt = sentAt;
    }
    this.#openPackets++;
    this.#openBytes += bytes;
    if (lost) this.#openLosses++;
    if (sentAt > this.#lastSentAt) this.#lastSentAt = sentAt;
  }

  /** A packet that was reported lost has arrived after all. */
  onLateArrival(): void {
    if (this.#openLosses > 0) this.#openLosses--;
  }

  /**
   * Takes the new packets into account once they span a quarter of a second.
   * @param other what the delay says that the path carries, bit/s
   * @param throughput what arrives; undefined while unknown
   */
  update(other: number, throughput: number | undefined): void {
    const elapsed = this.#lastSentAt - this.#openedAt;
    if (this.#openPackets === 0 || elapsed < OBSERVATION_MS) return;
    this.observe(this.#openPackets, this.#openLosses, (this.#openBytes * 8000) / elapsed, other, throughput);
    this.#openPackets = 0;
    this.#openLosses = 0;
    this.#openBytes = 0;
  }

  /** Takes one whole observation: `losses` of `packets` that were sent at `rate` bit/s. */
  observe(packets: number, losses: number, rate: number, other: number, throughput: number | undefined): void {
    const slot = this.#observations++ % OBSERVATIONS;
    this.#packets[slot] = packets;
    this.#losses[slot] = losses;
    this.#rates[slot] = rate;
    this.#bound = this.#hasLosses() ? this.#mostLikely(other, throughput) : Infinity;
  }

  #hasLosses(): boolean {
    for (let slot = 0; slot < OBSERVATIONS; slot++) {
      if ((this.#losses[slot] ?? 0) > 0) return true;
    }
    return false;
  }

  #mostLikely(other: number, throughput: number | undefined): number {
    const current = Math.min(this.#bound, other);
    const ceiling = Math.max(current, MAX_RISE * (throughput ?? current));
    let best = current;
    let bestScore = -Infinity;
    const consider = (candidate: number): void => {
      const score = this.#score(candidate);
      if (score <= bestScore) return;
      best = candidate;
      bestScore = score;
    };
    for (const step of STEPS) consider(Math.min(step * current, ceiling));
    consider(Math.min(other, ceiling));
    if (throughput !== undefined) consider(Math.min(throughput, other));
    // What the delay allows is no bound of the losses; one is told apart from it, so that it can rise again at once.
    return best >= other ? Infinity : best;
  }

  /** Log-likelihood of the observations if the path carries `bandwidth`. */
  #score(bandwidth: number): number {
    const inherent = this.#inherentLoss(bandwidth);
    const preference = HIGH_BANDWIDTH_PREFERENCE * Math.log(1 + bandwidth / 1000);
    let score = 0;
    let weight = 1;
    for (let age = 0; age < Math.min(this.#observations, OBSERVATIONS); age++, weight *= this.#aging) {
      const slot = (this.#observations - 1 - age) % OBSERVATIONS;
      const packets = this.#packets[slot] ?? 0;
      const losses = this.#losses[slot] ?? 0;
      const excess = excessOf(this.#rates[slot] ?? 0, bandwidth);
      const probability = clampProbability(inherent + (1 - inherent) * excess);
      score += weight * (losses * Math.log(probability) + (packets - losses) * Math.log(1 - probability) + packets * preference);
    }
    return score;
  }

  /** The inherent loss that fits best to a bandwidth: losses over expected ones, beside those of the excess. */
  #inherentLoss(bandwidth: number): number {
    let losses = 0;
    let exposed = 0;
    let weight = 1;
    for (let age = 0; age < Math.min(this.#observations, OBSERVATIONS); age++, weight *= this.#aging) {
      const slot = (this.#observations - 1 - age) % OBSERVATIONS;
      const packets = this.#packets[slot] ?? 0;
      const excess = excessOf(this.#rates[slot] ?? 0, bandwidth);
      losses += weight * ((this.#losses[slot] ?? 0) - packets * excess);
      exposed += weight * packets * (1 - excess);
    }
    const most = MAX_INHERENT_LOSS + INHERENT_LOSS_BALANCE / bandwidth;
    return exposed <= 0 ? MIN_PROBABILITY : Math.min(Math.max(losses / exposed, MIN_PROBABILITY), most);
  }
}

/** The part of what is sent that a bandwidth does not carry. */
function excessOf(rate: number, bandwidth: number): number {
  return rate > bandwidth ? (rate - bandwidth) / rate : 0;
}

function clampProbability(probability: number): number {
  return Math.min(Math.max(probability, MIN_PROBABILITY), MAX_PROBABILITY);
}
