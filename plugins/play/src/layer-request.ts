import type { DataMessage } from '@sluice/core';

/** Label of the data channels on which viewers ask for something of the server. */
export const CONTROL_LABEL = 'control';

/** `{"type":"layer","layer":"m"}`; without a limit when `layer` is null. */
export interface LayerRequest {
  readonly layer: string | undefined;
}

/** @returns undefined for a message that is something else, and not for us */
export function parseLayerRequest(message: DataMessage): LayerRequest | undefined {
  if (typeof message !== 'string') return undefined;
  const value = parseJson(message);
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'layer') return undefined;
  const layer = 'layer' in value ? value.layer : null;
  if (layer === null) return { layer: undefined };
  return { layer: typeof layer === 'string' ? layer : JSON.stringify(layer) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
