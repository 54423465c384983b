import type { Clip } from '../clip.ts';
import { type ClipBytes, damagedClip } from '../clip-bytes.ts';
import { OPUS_CLOCK_RATE, OPUS_CODEC, opusDuration } from '../codecs/opus.ts';
import { MAX_FRAME_BYTES } from './limits.ts';

const PAGE_HEADER_BYTES = 27;
const FULL_SEGMENT = 255;
const HEADER_PACKETS = ['OpusHead', 'OpusTags'] as const;

/**
 * Opens an Ogg file with one logical stream of opus (RFC 3533, RFC 7845). Checksums are not compared.
 * @throws MediaError SOURCE_FAILED
 */
export async function openOgg(bytes: ClipBytes): Promise<Clip> {
  let packets = new OggPackets(bytes);
  await skipHeaders(packets, bytes.name);
  const audioStart = packets.position;
  let samples = 0;

  return {
    tracks: [{ kind: 'audio', codec: OPUS_CODEC }],
    async next() {
      const packet = await packets.next();
      if (!packet) return undefined;
      const duration = durationOf(packet.data, bytes.name, packet.offset);
      const atMs = (samples * 1000) / OPUS_CLOCK_RATE;
      samples += duration;
      return { kind: 'audio', data: packet.data, atMs, durationMs: (duration * 1000) / OPUS_CLOCK_RATE };
    },
    rewind() {
      packets = new OggPackets(bytes, audioStart);
      samples = 0;
    },
    close: () => bytes.close(),
  };
}

async function skipHeaders(packets: OggPackets, name: string): Promise<void> {
  for (const magic of HEADER_PACKETS) {
    const packet = await packets.next();
    const begin = Buffer.from(packet?.data.subarray(0, magic.length) ?? []).toString('latin1');
    if (begin !== magic) throw damagedClip(name, packet?.offset ?? 0, `it is not opus: ${magic} is missing`);
  }
}

function durationOf(packet: Uint8Array, name: string, offset: number): number {
  const duration = opusDuration(packet);
  if (duration === undefined) throw damagedClip(name, offset, 'an opus packet is too short');
  return duration;
}

interface OggPosition {
  readonly offset: number;
  readonly segment: number;
}

/** Takes the packets out of the pages. */
class OggPackets {
  readonly #bytes: ClipBytes;
  #offset: number;
  /** Of the page at hand: lengths of its segments, the next one, and where its bytes begin. */
  #page: { readonly lengths: Uint8Array; readonly dataOffset: number } | undefined;
  #segment: number;

  constructor(bytes: ClipBytes, { offset, segment }: OggPosition = { offset: 0, segment: 0 }) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#segment = segment;
  }

  get position(): OggPosition {
    return { offset: this.#offset, segment: this.#segment };
  }

  /** Undefined at the end of the file. */
  async next(): Promise<{ readonly data: Uint8Array; readonly offset: number } | undefined> {
    const parts: Uint8Array[] = [];
    const start = this.#offset;
    let total = 0;
    for (;;) {
      const segment = await this.#nextSegment();
      if (!segment) {
        if (parts.length > 0) throw damagedClip(this.#bytes.name, this.#bytes.size, 'it ends within a packet');
        return undefined;
      }
      parts.push(segment);
      total += segment.length;
      if (total > MAX_FRAME_BYTES) throw damagedClip(this.#bytes.name, start, 'a packet is too large');
      // A segment of less than 255 bytes ends its packet (RFC 3533 section 5).
      if (segment.length < FULL_SEGMENT) return { data: Buffer.concat(parts), offset: start };
    }
  }

  async #nextSegment(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#offset >= this.#bytes.size) return undefined;
      this.#page ??= await this.#readPage();
      const { lengths, dataOffset } = this.#page;
      const length = lengths[this.#segment];
      const before = lengths.subarray(0, this.#segment).reduce((sum, bytes) => sum + bytes, 0);
      if (length !== undefined) {
        this.#segment += 1;
        return this.#bytes.read(dataOffset + before, length);
      }
      this.#offset = dataOffset + before;
      this.#segment = 0;
      this.#page = undefined;
    }
  }

  async #readPage(): Promise<{ lengths: Uint8Array; dataOffset: number }> {
    const header = await this.#bytes.read(this.#offset, PAGE_HEADER_BYTES);
    const isPage = header[0] === 0x4f && header[1] === 0x67 && header[2] === 0x67 && header[3] === 0x53;
    if (!isPage) throw damagedClip(this.#bytes.name, this.#offset, 'no Ogg page begins there');
    const tableOffset = this.#offset + PAGE_HEADER_BYTES;
    const lengths = await this.#bytes.read(tableOffset, header[PAGE_HEADER_BYTES - 1] ?? 0);
    return { lengths, dataOffset: tableOffset + lengths.length };
  }
}
