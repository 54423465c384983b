import { MediaError } from '@sluice/core';

/** RTP clock rate of opus, whatever the audio was sampled with (RFC 7587 section 4.1). */
export const OPUS_CLOCK_RATE = 48_000;

/**
 * Duration of an opus packet, in samples at 48 kHz (RFC 6716 section 3.1).
 * @throws MediaError PLUGIN_FAILED when the packet is too short to say it
 */
export function opusDuration(packet: Uint8Array): number {
  const [toc, frameCountByte] = packet;
  if (toc === undefined) throw new MediaError('PLUGIN_FAILED', 'An opus packet of the clip is empty.');
  const frame = frameSamples(toc >> 3);
  const code = toc & 0b11;
  if (code === 0) return frame;
  if (code < 3) return 2 * frame;
  if (frameCountByte === undefined) throw new MediaError('PLUGIN_FAILED', 'An opus packet of the clip ends before its frame count.');
  return (frameCountByte & 0b11_1111) * frame;
}

/** Length of one frame by configuration number (RFC 6716 table 2). */
function frameSamples(configuration: number): number {
  const step = configuration & 0b11;
  if (configuration >= 16) return 120 << step;
  if (configuration >= 12) return 480 << (step & 1);
  return step === 3 ? 2880 : 480 << step;
}

/**
 * The audio packets of an opus file, its two header packets checked and taken off (RFC 7845 section 3).
 * @throws MediaError PLUGIN_FAILED when the headers are missing
 */
export function withoutOpusHeaders(packets: readonly Uint8Array[]): readonly Uint8Array[] {
  const [head, tags, ...audio] = packets;
  if (!beginsWith(head, 'OpusHead') || !beginsWith(tags, 'OpusTags')) {
    throw new MediaError('PLUGIN_FAILED', 'The audio clip is not opus: its header packets are missing. Make it again with clip/make-clip.sh.');
  }
  return audio;
}

function beginsWith(packet: Uint8Array | undefined, magic: string): boolean {
  return packet !== undefined && Buffer.from(packet.subarray(0, magic.length)).toString('latin1') === magic;
}
