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

/** A track of {@link webmOf}. */
export interface WebmTrackEntry {
  readonly number: number;
  readonly codecId: string;
}

/** A block of {@link webmOf}. */
export interface WebmBlock {
  readonly track: number;
  readonly atMs: number;
  readonly data: Uint8Array;
  readonly flags?: number;
}

/** Writes a WebM file, a cluster per second; `live` leaves the sizes of segment and clusters open, as recorders do. */
export function webmOf(tracks: readonly WebmTrackEntry[], blocks: readonly WebmBlock[], { live = false, groups = false } = {}): Uint8Array {
  const entries = tracks.map(({ number, codecId }) => element(0xae, element(0xd7, Uint8Array.of(number)), element(0x86, Buffer.from(codecId))));
  const seconds = [...new Set(blocks.map(({ atMs }) => Math.floor(atMs / 1000)))];
  const clusters = seconds.map((second) => {
    const own = blocks.filter(({ atMs }) => Math.floor(atMs / 1000) === second);
    const time = Buffer.alloc(4);
    time.writeUInt32BE(second * 1000);
    return master(0x1f43b675, live, element(0xe7, time), ...own.map((block) => blockElement(block, second * 1000, groups)));
  });
  const info = element(0x1549a966, element(0x2ad7b1, Uint8Array.of(0x0f, 0x42, 0x40)));
  const segment = master(0x18538067, live, element(0xec, new Uint8Array(20)), info, element(0x1654ae6b, ...entries), ...clusters);
  return Buffer.concat([element(0x1a45dfa3, element(0x4282, Buffer.from('webm'))), segment]);
}

function blockElement({ track, atMs, data, flags = 0 }: WebmBlock, clusterMs: number, group: boolean): Uint8Array {
  const head = Buffer.alloc(4);
  head[0] = 0x80 | track;
  head.writeInt16BE(atMs - clusterMs, 1);
  head[3] = flags;
  return group ? element(0xa0, element(0xa1, head, data), element(0xfb, Uint8Array.of(1))) : element(0xa3, head, data);
}

function element(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(Buffer.concat(parts).length) | (1n << 56n));
  return Buffer.concat([idOf(id), size, ...parts]);
}

function master(id: number, live: boolean, ...parts: readonly Uint8Array[]): Uint8Array {
  return live ? Buffer.concat([idOf(id), Uint8Array.of(0x01, ...Array.from({ length: 7 }, () => 0xff)), ...parts]) : element(id, ...parts);
}

function idOf(id: number): Uint8Array {
  const hex = id.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}
