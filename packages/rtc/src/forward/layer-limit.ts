import { MediaError } from '@sluice/core';
import type { LayerLimit } from './layer-selector.ts';

/** Places among the layers of any source. */
const PLACES: readonly string[] = ['h', 'm', 'l'];
const HEIGHT = /^[1-9]\d{0,4}$/;

/**
 * Reads what a viewer wants at most: a rid of the source, `h`, `m`, `l`, or a picture height. A rid that looks like
 * a place or a height goes first.
 * @throws MediaError LAYER_UNKNOWN
 */
export function parseLayerLimit(text: string | undefined, rids: readonly string[]): LayerLimit {
  if (text === undefined) return {};
  if (rids.includes(text) || PLACES.includes(text)) return { name: text };
  if (HEIGHT.test(text)) return { maxHeight: Number(text) };
  const names = [...new Set([...rids, ...PLACES])].join(', ');
  throw new MediaError('LAYER_UNKNOWN', `The stream has no layer ${JSON.stringify(text)}; ask for one of ${names}, or for a picture height in pixels.`);
}
