/** A layer as far as choosing it goes. */
export interface SelectableLayer {
  readonly rid: string | undefined;
  /** Of its pictures, once a keyframe has said it. */
  readonly height: number | undefined;
  /** Smoothed, bit/s. */
  bitrate(now: number): number;
  /** The same of what can be left of it while it still counts as this layer. */
  leastBitrate(now: number): number;
  /** For how long it has been sending without a break; 0 while it is silent. */
  activeMs(now: number): number;
}

/** What a viewer wants at most. */
export interface LayerLimit {
  /** A rid, or else `h`, `m`, `l` for the highest, the middle and the lowest layer. */
  readonly name?: string | undefined;
  /** Of the picture, pixels. */
  readonly maxHeight?: number | undefined;
}

/** An estimate must exceed a higher layer's rate so far, because the rate goes up and down too. */
const UP_MARGIN = 1.15;
/** The estimate may fall so far below the rate of the layer in use; it hovers around what is sent on a path that is just wide enough. */
const DOWN_TOLERANCE = 0.9;
/** For how long a higher layer must fit until it is taken: at first, and at most after it did not last. */
const HOLD_MS = 2000;
const MAX_HOLD_MS = 60_000;
/** A higher layer that had to be left sooner than this was taken too early. */
const LASTING_MS = 20_000;
/** Of a layer that has just begun, nobody knows the rate, nor whether it stays. */
const SETTLED_MS = 1000;

/** Without an estimate, so much reported loss says that the path does not carry the layer. */
const HEAVY_LOSS = 0.15;
/** Reports in a row that must say so. A browser sends one a second. */
const HEAVY_LOSS_REPORTS = 2;
const LOSS_HOLD_MS = 10_000;
const MAX_LOSS_HOLD_MS = 120_000;

/**
 * Chooses the layer of one viewer: the highest that it wants and its path carries. Goes down at once, up only
 * when there has been room for a while, and more slowly each time that this turns out wrong.
 * Times are monotonic milliseconds, rates bit/s.
 */
export class LayerSelector<Layer extends SelectableLayer> {
  limit: LayerLimit = {};
  /** What would be sent if the path carried it, with the margin that going up needs; 0 when there is nothing higher. */
  desiredBitrate = 0;
  #chosen: Layer | undefined;
  #fitsSince: number | undefined;
  #holdMs = HOLD_MS;
  /** Whether the layer has still to show that it lasts. */
  #isTrial = false;
  #wentUpAt = -Infinity;
  #lossHoldMs = LOSS_HOLD_MS;
  #heavyReports = 0;
  #lossyUntil = -Infinity;

  get chosen(): Layer | undefined {
    return this.#chosen;
  }

  /** Forgets the layer, not what was learned of the path. */
  reset(): void {
    this.#chosen = undefined;
    this.#fitsSince = undefined;
    this.desiredBitrate = 0;
  }

  /**
   * @param layers from the lowest to the highest
   * @param budget what the path carries of the source, bit/s; undefined without an estimate
   * @returns undefined only when there is no layer at all
   */
  select(layers: readonly Layer[], budget: number | undefined, now: number): Layer | undefined {
    const candidates = this.#candidates(layers, now);
    const current = this.#chosen ? candidates.indexOf(this.#chosen) : -1;
    const index = budget === undefined ? this.#byLoss(candidates, current, now) : this.#byEstimate(candidates, current, budget, now);
    this.#chosen = candidates[index];
    this.desiredBitrate = this.#desired(candidates, index, now);
    return this.#chosen;
  }

  /** Takes the loss of a receiver report, which counts while there is no estimate. @param fraction 0 to 1 */
  onLoss(fraction: number): void {
    this.#heavyReports = fraction > HEAVY_LOSS ? this.#heavyReports + 1 : 0;
  }

  /** Layers that the viewer wants and that are being sent; the lowest one there is when that leaves none. */
  #candidates(layers: readonly Layer[], now: number): readonly Layer[] {
    const sending = layers.filter((layer) => layer.activeMs(now) > 0 || layer === this.#chosen);
    const alive = sending.filter((layer) => !this.#gaveUp(layer, layers, now));
    const wanted = withinLimit(alive, layers, this.limit);
    if (wanted.length > 0) return wanted;
    return alive.length > 0 ? alive.slice(0, 1) : layers.slice(0, 1);
  }

  /** Silent while another layer sends; when all are, the picture just does not move. */
  #gaveUp(layer: Layer, layers: readonly Layer[], now: number): boolean {
    return layer.activeMs(now) === 0 && layers.some((other) => other.activeMs(now) >= SETTLED_MS / 2);
  }

  #byEstimate(candidates: readonly Layer[], current: number, budget: number, now: number): number {
    if (current < 0) return this.#begin(highestThatFits(candidates, budget, 1, now), now);
    if (current > 0 && (candidates[current]?.leastBitrate(now) ?? 0) * DOWN_TOLERANCE > budget) return this.#goDown(highestThatFits(candidates.slice(0, current), budget, 1, now));
    return this.#maybeGoUp(candidates, current, budget, now);
  }

  #begin(index: number, now: number): number {
    this.#fitsSince = undefined;
    this.#wentUpAt = now;
    this.#isTrial = true;
    return index;
  }

  #goDown(index: number): number {
    if (this.#isTrial) this.#holdMs = Math.min(MAX_HOLD_MS, this.#holdMs * 2);
    this.#isTrial = false;
    this.#fitsSince = undefined;
    return index;
  }

  #maybeGoUp(candidates: readonly Layer[], current: number, budget: number, now: number): number {
    if (this.#isTrial && now - this.#wentUpAt >= LASTING_MS) {
      this.#isTrial = false;
      this.#holdMs = HOLD_MS;
    }
    const next = highestThatFits(candidates, budget, UP_MARGIN, now);
    if (next <= current || !isSettled(candidates, next, now)) {
      this.#fitsSince = undefined;
      return current;
    }
    this.#fitsSince ??= now;
    return now - this.#fitsSince < this.#holdMs ? current : this.#begin(next, now);
  }

  /** The best layer there is, until reports say that much of it is lost. */
  #byLoss(candidates: readonly Layer[], current: number, now: number): number {
    const top = candidates.length - 1;
    if (this.#heavyReports >= HEAVY_LOSS_REPORTS) {
      this.#heavyReports = 0;
      this.#holdAfterLoss(now);
      return Math.max(0, (current < 0 ? top : current) - 1);
    }
    if (current < 0) return now < this.#lossyUntil ? 0 : top;
    const mayGoUp = now >= this.#lossyUntil && this.#heavyReports === 0 && current < top;
    if (!mayGoUp || !isSettled(candidates, current + 1, now)) return current;
    this.#wentUpAt = now;
    this.#lossyUntil = now + SETTLED_MS;
    return current + 1;
  }

  #holdAfterLoss(now: number): void {
    const lasted = now - this.#wentUpAt >= this.#lossHoldMs + LASTING_MS;
    this.#lossHoldMs = lasted ? LOSS_HOLD_MS : Math.min(MAX_LOSS_HOLD_MS, this.#lossHoldMs * 2);
    this.#lossyUntil = now + this.#lossHoldMs;
  }

  #desired(candidates: readonly Layer[], index: number, now: number): number {
    const isHighest = index >= candidates.length - 1;
    return isHighest ? 0 : rateOf(candidates, index + 1, now) * UP_MARGIN;
  }
}

function withinLimit<Layer extends SelectableLayer>(alive: readonly Layer[], layers: readonly Layer[], { name, maxHeight }: LayerLimit): readonly Layer[] {
  const highest = name === undefined ? layers.length - 1 : placeOf(name, layers);
  return alive.filter((layer) => layers.indexOf(layer) <= highest && (maxHeight === undefined || (layer.height ?? 0) <= maxHeight));
}

/** Of several layers with the rid the highest: an encoder that began anew left the others behind. */
function placeOf(name: string, layers: readonly SelectableLayer[]): number {
  const named = layers.findLastIndex(({ rid }) => rid === name);
  if (named >= 0) return named;
  if (name === 'l') return 0;
  return name === 'm' ? Math.floor((layers.length - 1) / 2) : layers.length - 1;
}

/** The lowest one when none does. */
function highestThatFits(layers: readonly SelectableLayer[], budget: number, margin: number, now: number): number {
  return Math.max(0, layers.findLastIndex((layer) => layer.bitrate(now) * margin <= budget));
}

function rateOf(layers: readonly SelectableLayer[], index: number, now: number): number {
  return layers[index]?.bitrate(now) ?? 0;
}

function isSettled(layers: readonly SelectableLayer[], index: number, now: number): boolean {
  return (layers[index]?.activeMs(now) ?? 0) >= SETTLED_MS;
}
