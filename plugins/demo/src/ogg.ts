import { MediaError } from '@sluice/core';

const PAGE_HEADER_BYTES = 27;
const FULL_SEGMENT = 255;

/**
 * Takes the packets out of an Ogg file with one logical stream (RFC 3533).
 * Checksums are not compared: the file is part of this package.
 * @throws MediaError PLUGIN_FAILED when it is not one, or ends within a page or a packet
 */
export function readOggPackets(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let unfinished: Uint8Array[] = [];
  let offset = 0;

  while (offset < bytes.length) {
    const page = readPage(bytes, offset);
    for (const segment of page.segments) {
      unfinished.push(segment);
      // A segment of less than 255 bytes ends its packet (RFC 3533 section 5).
      if (segment.length === FULL_SEGMENT) continue;
      packets.push(joined(unfinished));
      unfinished = [];
    }
    offset = page.end;
  }

  if (unfinished.length > 0) throw malformed('it ends within a packet');
  return packets;
}

function readPage(bytes: Uint8Array, offset: number): { segments: Uint8Array[]; end: number } {
  const isPage = bytes[offset] === 0x4f && bytes[offset + 1] === 0x67 && bytes[offset + 2] === 0x67 && bytes[offset + 3] === 0x53;
  if (!isPage) throw malformed(`there is no Ogg page at byte ${offset}`);

  const segmentCount = bytes[offset + PAGE_HEADER_BYTES - 1];
  if (segmentCount === undefined) throw malformed('it ends within a page header');
  const tableEnd = offset + PAGE_HEADER_BYTES + segmentCount;
  if (tableEnd > bytes.length) throw malformed('it ends within a segment table');

  const segments: Uint8Array[] = [];
  let end = tableEnd;
  for (const length of bytes.subarray(offset + PAGE_HEADER_BYTES, tableEnd)) {
    segments.push(bytes.subarray(end, end + length));
    end += length;
  }
  if (end > bytes.length) throw malformed('it ends within a page');
  return { segments, end };
}

function joined(segments: readonly Uint8Array[]): Uint8Array {
  const [only] = segments;
  return only !== undefined && segments.length === 1 ? only : Buffer.concat(segments);
}

function malformed(why: string): MediaError {
  return new MediaError('PLUGIN_FAILED', `The audio clip cannot be read: ${why}. Make it again with clip/make-clip.sh.`);
}
