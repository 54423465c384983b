import type { Codec } from '@sluice/core';

/** RTP clock rate of opus, whatever the audio was sampled with (RFC 7587 section 4.1). */
export const OPUS_CLOCK_RATE = 48_000;

/** Always named with two channels (RFC 7587 section 7). */
export const OPUS_CODEC: Codec = { name: 'opus', clockRate: OPUS_CLOCK_RATE, channels: 2, parameters: { minptime: '10', useinbandfec: '1' } };

/** Duration of an opus packet, in samples at 48 kHz (RFC 6716 section 3.1); undefined when the packet is too short to say it. */
export function opusDuration(packet: Uint8Array): number | undefined {
  const [toc, frameCountByte] = packet;
  if (toc === undefined) return undefined;
  const frame = frameSamples(toc >> 3);
  const code = toc & 0b11;
  if (code === 0) return frame;
  if (code < 3) return 2 * frame;
  return frameCountByte === undefined ? undefined : (frameCountByte & 0b11_1111) * frame;
}

/** Length of one frame by configuration number (RFC 6716 table 2). */
function frameSamples(configuration: number): number {
  const step = configuration & 0b11;
  if (configuration >= 16) return 120 << step;
  if (configuration >= 12) return 480 << (step & 1);
  return step === 3 ? 2880 : 480 << step;
}
