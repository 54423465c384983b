import type { Codec } from '@sluice/core';

/** Whether packets of this codec carry others, redundantly (RFC 2198). */
export function isRed({ name }: { readonly name: string }): boolean {
  return name.toLowerCase() === 'red';
}

/** Whether a viewer that negotiated `sent` takes of a source only what is in its RED. */
export function unwrapsRed(source: Codec, sent: Codec): boolean {
  return isRed(source) && !isRed(sent);
}

/** What a source with this codec can be sent as: RED, which carries opus wherever WebRTC uses it, also as its primary alone. */
export function carriedBy(codec: Codec): readonly Codec[] {
  return isRed(codec) ? [codec, redPrimary(codec)] : [codec];
}

/** The codec of the blocks. */
export function redPrimary({ clockRate, channels }: Codec): Codec {
  return { name: 'opus', clockRate, channels, parameters: {} };
}

/** Whether the blocks of both are numbered alike (`111/111`), so that payloads pass unchanged. */
export function haveSameBlocks(a: Codec, b: Codec): boolean {
  return Object.keys(a.parameters).join(' ') === Object.keys(b.parameters).join(' ');
}
