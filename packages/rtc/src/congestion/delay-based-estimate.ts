import { DelayTrend } from './delay-trend.ts';
import { type BandwidthUsage, OveruseDetector } from './overuse-detector.ts';
import { PacketGroups } from './packet-groups.ts';

/** From arrivals to a verdict on the path: groups, trend and detector in one. Milliseconds. */
export class DelayBasedEstimate {
  readonly #groups = new PacketGroups();
  readonly #trend = new DelayTrend();
  readonly #detector = new OveruseDetector();
  #resets = 0;
  #overused = false;

  get usage(): BandwidthUsage {
    return this.#detector.usage;
  }

  /** @param arrival on the receiver's clock; the other two are on ours */
  add(sentAt: number, arrival: number, now: number): void {
    const usable = this.#groups.add(sentAt, arrival, now);
    if (this.#groups.resets !== this.#resets) this.#restart();
    if (!usable) return;
    const { sendDelta, arrivalDelta } = this.#groups;
    this.#trend.add(arrivalDelta - sendDelta, this.#groups.arrival);
    this.#detector.update(this.#trend, sendDelta, this.#groups.arrival);
    if (this.#detector.usage === 'overuse') this.#overused = true;
  }

  /** The verdict on all that was added since the last call: overuse in between counts. */
  takeUsage(): BandwidthUsage {
    const usage = this.#overused ? 'overuse' : this.#detector.usage;
    this.#overused = false;
    return usage;
  }

  #restart(): void {
    this.#resets = this.#groups.resets;
    this.#trend.reset();
    this.#detector.reset();
  }
}
