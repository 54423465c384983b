import type { OutboundTrackStats } from '@sluice/core';
import { LayerSelector } from './layer-selector.ts';
import { LayerSwitch } from './layer-switch.ts';
import type { MediaSource } from './media-source.ts';
import type { SourceLayer } from './source-layer.ts';

/** So soon a viewer leaves a layer that its path no longer carries. */
const SELECTION_INTERVAL_MS = 100;

const NO_LAYERS: readonly SourceLayer[] = [];

/** What the path of a viewer carries of its source, bit/s of payload; undefined without an estimate. */
export type PathEstimate = () => number | undefined;

type LayerChoiceStats = Pick<OutboundTrackStats, 'rid' | 'nextRid' | 'layerSwitches'>;

/** Keeps one viewer on the layer of its source that its wishes and its path call for. */
export class ViewerLayers {
  readonly selector = new LayerSelector<SourceLayer>();
  readonly switch: LayerSwitch;
  readonly #path: PathEstimate | undefined;
  #source: MediaSource | undefined;
  #known = NO_LAYERS;
  #selectedAt = -Infinity;

  /**
   * @param needsKeyframes whether a stream can only begin with one, as video does
   * @param path asked whenever a layer is chosen
   */
  constructor(needsKeyframes: boolean, path?: PathEstimate) {
    this.switch = new LayerSwitch(needsKeyframes);
    this.#path = path;
  }

  /** Begins with this source, from a keyframe when it is video; undefined lets go of the one before. */
  begin(source: MediaSource | undefined, now: number): void {
    this.#source = source;
    this.#known = NO_LAYERS;
    this.selector.reset();
    this.switch.reset();
    this.follow(now);
  }

  /** Chooses at once when the source has got other layers. */
  follow(now: number): void {
    const layers = this.#source?.layers ?? NO_LAYERS;
    if (layers === this.#known) return;
    this.#known = layers;
    this.#select(now);
  }

  /** Chooses anew from time to time. */
  tick(now: number): void {
    if (now - this.#selectedAt >= SELECTION_INTERVAL_MS) this.#select(now);
  }

  stats(): LayerChoiceStats {
    const { current, wanted, switches } = this.switch;
    return { rid: current?.rid, nextRid: wanted === current ? undefined : wanted?.rid, layerSwitches: switches };
  }

  #select(now: number): void {
    this.#selectedAt = now;
    const layers = this.#source?.rankedLayers(now) ?? NO_LAYERS;
    const layer = this.selector.select(layers, this.#path?.(), now);
    if (layer) this.switch.want(layer, now);
  }
}
