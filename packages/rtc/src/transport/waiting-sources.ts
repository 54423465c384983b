import type { MediaKind } from '@sluice/core';
import type { LayerLimit } from '../forward/layer-selector.ts';
import type { MediaSource } from '../forward/media-source.ts';
import type { RtpSession } from '../forward/rtp-session.ts';
import type { PlanOptions } from '../sdp/plan-answer.ts';
import { carriedBy } from '../sdp/red.ts';

/** Sources that were given before there was an m-line for them, one of a kind. */
export class WaitingSources {
  readonly #sources = new Map<MediaKind, MediaSource>();
  readonly #limits = new Map<MediaKind, LayerLimit>();

  set(source: MediaSource, limit: LayerLimit): void {
    this.#sources.set(source.kind, source);
    this.#limits.set(source.kind, limit);
  }

  /** Limits a description to the codecs that the sources carry; without sources it is not limited. */
  planOptions(): PlanOptions {
    if (this.#sources.size === 0) return {};
    const entries = Array.from(this.#sources, ([kind, { codec, codecs }]) => [kind, codec ? carriedBy(codec) : codecs]);
    return { outboundCodecs: Object.fromEntries(entries) };
  }

  attachTo(rtp: RtpSession): void {
    for (const [kind, source] of this.#sources) rtp.outboundOf(kind)?.attach(source, this.#limits.get(kind));
    this.#sources.clear();
  }
}
