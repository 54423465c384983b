import type { OutboundTrackStats } from '@sluice/core';
import { LayerSelector } from './layer-selector.ts';
import { LayerSwitch } from './layer-switch.ts';
import type { MediaSource } from './media-source.ts';
import type { PictureRenumbering } from './picture-renumbering.ts';
import type { SentSegment } from './sent-segment.ts';
import type { SourceLayer } from './source-layer.ts';
import type { StagedPacket } from './staged-packet.ts';
import { TemporalFilter } from './temporal-filter.ts';
import type { TemporalRung } from './temporal-rung.ts';

/** So soon a viewer leaves a layer that its path no longer carries. */
const SELECTION_INTERVAL_MS = 100;

const NO_LAYERS: readonly SourceLayer[] = [];
const NO_RUNGS: readonly TemporalRung[] = [];

/** What the path of a viewer carries of its source, bit/s of payload; undefined without an estimate. */
export type PathEstimate = () => number | undefined;

type LayerChoiceStats = Pick<OutboundTrackStats, 'rid' | 'nextRid' | 'layerSwitches'>;

/** Keeps one viewer on the layer of its source that its wishes and its path call for. */
export class ViewerLayers {
  readonly selector = new LayerSelector<SourceLayer>();
  readonly switch: LayerSwitch;
  /** Leaves out pictures of the layer that is sent. */
  readonly #filter = new TemporalFilter();
  /** What it was used on last. */
  #filtered: SentSegment | undefined;
  readonly #temporal = new LayerSelector<TemporalRung>();
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
    this.#temporal.reset();
    this.#filter.wanted = Infinity;
    this.#filter.reset();
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

  /**
   * Whether this is of a temporal layer that the viewer does not get; the numbers close up behind it.
   * @param current what the viewer is sent
   */
  leavesOut(staged: StagedPacket, current: SentSegment | undefined, pictures: PictureRenumbering): boolean {
    const { layer, view, codec, keyframe } = staged;
    const filter = this.#filter;
    if (!filter.isActive) return false;
    if (current !== this.#filtered) filter.reset();
    this.#filtered = current;
    if (current?.layer !== layer || filter.admits(view.timestamp, staged, keyframe)) return false;
    return current.skip(view, pictures.idOf(view, codec));
  }

  stats(): LayerChoiceStats {
    const { current, wanted, switches } = this.switch;
    return { rid: current?.rid, nextRid: wanted === current ? undefined : wanted?.rid, layerSwitches: switches };
  }

  /** What would be sent if the path carried it, bit/s; 0 when there is nothing better. */
  get desiredBitrate(): number {
    return Math.max(this.selector.desiredBitrate, this.#temporal.desiredBitrate);
  }

  /** Without an estimate every picture is sent. */
  #selectFrameRate(budget: number | undefined, now: number): void {
    const rungs = this.switch.current?.rungs ?? NO_RUNGS;
    const isChoice = budget !== undefined && rungs.length > 1;
    const rung = isChoice ? this.#temporal.select(rungs, budget, now) : undefined;
    if (!rung) this.#temporal.reset();
    this.#filter.wanted = !rung || rung === rungs.at(-1) ? Infinity : rung.temporalLayer;
  }

  #select(now: number): void {
    this.#selectedAt = now;
    const layers = this.#source?.rankedLayers(now) ?? NO_LAYERS;
    const budget = this.#path?.();
    const layer = this.selector.select(layers, budget, now);
    if (layer) this.switch.want(layer, now);
    this.#selectFrameRate(budget, now);
  }
}
