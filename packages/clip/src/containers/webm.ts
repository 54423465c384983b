import type { MediaKind } from '@sluice/core';
import type { Clip, ClipFrame, ClipTrack } from '../clip.ts';
import { type ClipBytes, damagedClip } from '../clip-bytes.ts';
import { OPUS_CLOCK_RATE, OPUS_CODEC, opusDuration } from '../codecs/opus.ts';
import { videoCodecOf } from '../codecs/video-codec.ts';
import { childrenOf, readElement, readVint, unsignedOf } from './ebml.ts';
import { MAX_FRAME_BYTES, MAX_HEADER_BYTES } from './limits.ts';

/** Element ids of Matroska (RFC 9559 section 5.1). */
const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codecId: 0x86,
  contentEncodings: 0x6d80,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
} as const;

const CODEC_NAMES: Readonly<Record<string, string>> = { V_VP8: 'VP8', V_VP9: 'VP9', V_AV1: 'AV1', A_OPUS: 'opus' };
const DEFAULT_SCALE_NS = 1_000_000;
const LACING = 0x06;
const FIRST_DURATION_MS = 40;

interface WebmTrack {
  readonly number: number;
  readonly kind: MediaKind;
  readonly codecName: string;
}

interface WebmHeader {
  readonly tracks: readonly WebmTrack[];
  /** Nanoseconds per unit of a timestamp. */
  readonly scaleNs: number;
  /** Of the first cluster. */
  readonly clusters: number;
}

interface Block {
  readonly track: WebmTrack;
  readonly data: Uint8Array;
  readonly atMs: number;
  readonly offset: number;
}

/**
 * Opens a WebM file (a subset of Matroska, RFC 9559) with VP8, VP9 or AV1 and opus; of several tracks of a kind the first.
 * Nothing but its header and one window is in memory; sizes that live recordings leave open are understood.
 * @throws MediaError SOURCE_FAILED
 */
export async function openWebm(bytes: ClipBytes): Promise<Clip> {
  const header = await readHeader(bytes);
  let blocks = new WebmBlocks(bytes, header);
  const tracks = await describeTracks(bytes, header);
  let startMs: number | undefined;
  const lastAt = new Map<MediaKind, number>();

  function frameOf({ track, data, atMs: fileMs, offset }: Block): ClipFrame {
    startMs ??= fileMs;
    const atMs = Math.max(0, fileMs - startMs);
    const before = lastAt.get(track.kind);
    lastAt.set(track.kind, atMs);
    if (track.kind === 'video') return { kind: 'video', data, atMs, durationMs: before === undefined ? FIRST_DURATION_MS : Math.max(0, atMs - before) };
    const samples = opusDuration(data);
    if (samples === undefined) throw damagedClip(bytes.name, offset, 'an opus packet is too short');
    return { kind: 'audio', data, atMs, durationMs: (samples * 1000) / OPUS_CLOCK_RATE };
  }

  return {
    tracks,
    async next() {
      const block = await blocks.next();
      return block && frameOf(block);
    },
    rewind() {
      blocks = new WebmBlocks(bytes, header);
      lastAt.clear();
      startMs = undefined;
    },
    close: () => bytes.close(),
  };
}

async function readHeader(bytes: ClipBytes): Promise<WebmHeader> {
  const { name } = bytes;
  const ebml = await readElement(bytes, 0);
  if (ebml.id !== ID.ebml || ebml.size === undefined || ebml.size > MAX_HEADER_BYTES) throw damagedClip(name, 0, 'it does not begin with an EBML header');
  const docType = Buffer.from(childrenOf(await bytes.read(ebml.dataOffset, ebml.size))?.get(ID.docType)?.[0] ?? []).toString('latin1');
  if (!/^(webm|matroska)\0*$/.test(docType)) throw damagedClip(name, 0, `it is ${JSON.stringify(docType)} and no WebM`);

  let scaleNs = DEFAULT_SCALE_NS;
  let tracks: readonly WebmTrack[] | undefined;
  for (let offset = ebml.dataOffset + ebml.size; offset < bytes.size; ) {
    const element = await readElement(bytes, offset);
    if (element.id === ID.segment) {
      offset = element.dataOffset;
      continue;
    }
    if (element.id === ID.cluster) {
      if (!tracks) throw damagedClip(name, offset, 'media begins before its tracks are described');
      return { tracks, scaleNs, clusters: offset };
    }
    if (element.size === undefined) throw damagedClip(name, offset, 'an element that must say its size does not');
    if (element.id === ID.info || element.id === ID.tracks) {
      if (element.size > MAX_HEADER_BYTES) throw damagedClip(name, offset, 'its header is too large');
      const children = childrenOf(await bytes.read(element.dataOffset, element.size));
      if (!children) throw damagedClip(name, offset, 'its header has an element that does not fit');
      if (element.id === ID.tracks) tracks = tracksOf(children.get(ID.trackEntry) ?? [], name, offset);
      else scaleNs = unsignedOf(children.get(ID.timestampScale)?.[0]) || DEFAULT_SCALE_NS;
    }
    offset = element.dataOffset + element.size;
  }
  throw damagedClip(name, bytes.size, 'it ends before any media');
}

function tracksOf(entries: readonly Uint8Array[], name: string, offset: number): WebmTrack[] {
  const unknown: string[] = [];
  const all = entries.flatMap((entry): WebmTrack[] => {
    const children = childrenOf(entry);
    const number = unsignedOf(children?.get(ID.trackNumber)?.[0]);
    const codecId = Buffer.from(children?.get(ID.codecId)?.[0] ?? []).toString('latin1').replaceAll('\0', '');
    const codecName = CODEC_NAMES[codecId];
    if (number === undefined || codecName === undefined || children?.has(ID.contentEncodings)) {
      unknown.push(codecId);
      return [];
    }
    return [{ number, codecName, kind: codecName === 'opus' ? 'audio' : 'video' }];
  });
  const first = all.filter((track, index) => all.findIndex(({ kind }) => kind === track.kind) === index);
  if (first.length > 0) return first;
  throw damagedClip(name, offset, `it has no track that can be played (${unknown.join(', ') || 'none at all'}); VP8, VP9, AV1 and opus can, without compression of their own`);
}

async function describeTracks(bytes: ClipBytes, header: WebmHeader): Promise<ClipTrack[]> {
  return Promise.all(
    header.tracks.map(async ({ kind, codecName }): Promise<ClipTrack> => {
      if (kind === 'audio') return { kind, codec: OPUS_CODEC };
      return { kind, codec: videoCodecOf(codecName, await firstPicture(bytes, header)) };
    }),
  );
}

/** It says the profile. */
async function firstPicture(bytes: ClipBytes, header: WebmHeader): Promise<Uint8Array> {
  const blocks = new WebmBlocks(bytes, header);
  for (let block = await blocks.next(); block; block = await blocks.next()) if (block.track.kind === 'video') return block.data;
  throw damagedClip(bytes.name, bytes.size, 'it ends before any picture');
}

/** The blocks of the tracks that are played, in the order of the file. */
class WebmBlocks {
  readonly #bytes: ClipBytes;
  readonly #header: WebmHeader;
  #offset: number;
  #clusterTime = 0;

  constructor(bytes: ClipBytes, header: WebmHeader) {
    this.#bytes = bytes;
    this.#header = header;
    this.#offset = header.clusters;
  }

  async next(): Promise<Block | undefined> {
    const { name, size: fileSize } = this.#bytes;
    while (this.#offset < fileSize) {
      const { id, offset, dataOffset, size } = await readElement(this.#bytes, this.#offset);
      if (id === ID.cluster || id === ID.blockGroup || id === ID.segment) {
        this.#offset = dataOffset;
        continue;
      }
      if (size === undefined) throw damagedClip(name, offset, 'an element that must say its size does not');
      this.#offset = dataOffset + size;
      if (id === ID.timestamp) this.#clusterTime = await this.#readTimestamp(dataOffset, size);
      if (id !== ID.simpleBlock && id !== ID.block) continue;
      const block = await this.#readBlock(offset, dataOffset, size);
      if (block) return block;
    }
    return undefined;
  }

  async #readTimestamp(dataOffset: number, size: number): Promise<number> {
    const value = size > 8 ? undefined : unsignedOf(await this.#bytes.read(dataOffset, size));
    if (value === undefined || !Number.isSafeInteger(value)) throw damagedClip(this.#bytes.name, dataOffset, 'a cluster has no possible time');
    return value;
  }

  async #readBlock(offset: number, dataOffset: number, size: number): Promise<Block | undefined> {
    const { name } = this.#bytes;
    if (size > MAX_FRAME_BYTES) throw damagedClip(name, offset, `a block says that it has ${size} bytes`);
    const data = await this.#bytes.read(dataOffset, size);
    const number = readVint(data, 0, 8);
    // Time relative to the cluster, two bytes, and flags (RFC 9559 section 10.1).
    if (!number || data.length < number.bytes + 3) throw damagedClip(name, offset, 'a block is too short');
    const track = this.#header.tracks.find((candidate) => candidate.number === number.value);
    if (!track) return undefined;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (view.getUint8(number.bytes + 2) & LACING) throw damagedClip(name, offset, 'a block has several frames (lacing), which is not understood; write the clip anew without');
    const atMs = ((this.#clusterTime + view.getInt16(number.bytes)) * this.#header.scaleNs) / 1_000_000;
    return { track, data: data.subarray(number.bytes + 3), atMs, offset };
  }
}
