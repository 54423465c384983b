/** Writes an IVF file at 25 frames per second. */
export function ivfOf(frames: readonly Uint8Array[], codec = 'VP80'): Uint8Array {
  const header = Buffer.alloc(32);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write(codec, 8, 'latin1');
  header.writeUInt16LE(640, 12);
  header.writeUInt16LE(360, 14);
  header.writeUInt32LE(25, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const parts = frames.flatMap((frame, at) => {
    const frameHeader = Buffer.alloc(12);
    frameHeader.writeUInt32LE(frame.length, 0);
    frameHeader.writeBigUInt64LE(BigInt(at), 4);
    return [frameHeader, frame];
  });
  return Buffer.concat([header, ...parts]);
}

/** Writes an Ogg file; pages hold up to `segmentsPerPage` segments, so that packets run over pages. */
export function oggOf(packets: readonly Uint8Array[], segmentsPerPage = 255): Uint8Array {
  const segments = packets.flatMap(segmentsOf);
  const pages: Uint8Array[] = [];
  for (let at = 0; at < segments.length; at += segmentsPerPage) {
    const own = segments.slice(at, at + segmentsPerPage);
    const header = Buffer.alloc(27);
    header.write('OggS', 0, 'latin1');
    header[26] = own.length;
    pages.push(Buffer.concat([header, Uint8Array.from(own, (segment) => segment.length), ...own]));
  }
  return Buffer.concat(pages);
}

function segmentsOf(packet: Uint8Array): Uint8Array[] {
  const count = Math.floor(packet.length / 255) + 1;
  return Array.from({ length: count }, (_, at) => packet.subarray(at * 255, (at + 1) * 255));
}

/** An opus file with packets of 20 ms. */
export function opusFileOf(audio: readonly Uint8Array[]): Uint8Array {
  return oggOf([Buffer.from('OpusHead'), Buffer.from('OpusTags'), ...audio]);
}
