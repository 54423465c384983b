import type { Clip, ClipFrame } from '../clip.ts';
import { type ClipBytes, damagedClip } from '../clip-bytes.ts';
import { videoCodecOf } from '../codecs/video-codec.ts';
import { MAX_FRAME_BYTES } from './limits.ts';

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;
/** Of the first frame, before another says how far they are apart. */
const FIRST_DURATION_MS = 40;

/** Four characters of the header, and what is inside. */
const CODECS: Readonly<Record<string, string>> = { VP80: 'VP8', VP90: 'VP9', AV01: 'AV1' };

/**
 * Opens an IVF file: frames of one video stream, as libvpx writes them.
 * @throws MediaError SOURCE_FAILED
 */
export async function openIvf(bytes: ClipBytes): Promise<Clip> {
  const { name } = bytes;
  const header = await bytes.read(0, FILE_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (text(header, 0, 4) !== 'DKIF') throw damagedClip(name, 0, 'it does not begin with an IVF header');
  const codecName = CODECS[text(header, 8, 12)];
  if (codecName === undefined) throw damagedClip(name, 8, `its codec is ${JSON.stringify(text(header, 8, 12))}; VP80, VP90 and AV01 can be played`);
  const [rate, scale] = [view.getUint32(16, true), view.getUint32(20, true)];
  if (rate === 0 || scale === 0) throw damagedClip(name, 16, 'its time base is zero');
  const headerBytes = view.getUint16(6, true);
  if (headerBytes < FILE_HEADER_BYTES) throw damagedClip(name, 6, `its header says it is ${headerBytes} bytes long`);

  const first = await readFrame(bytes, headerBytes);
  if (!first) throw damagedClip(name, headerBytes, 'it has no frame');
  const codec = videoCodecOf(codecName, first.data);
  let offset = headerBytes;
  let before: ClipFrame | undefined;

  return {
    tracks: [{ kind: 'video', codec }],
    async next() {
      const frame = await readFrame(bytes, offset);
      if (!frame) return undefined;
      const atMs = ((frame.timestamp - first.timestamp) * scale * 1000) / rate;
      if (before && atMs <= before.atMs) throw damagedClip(name, offset, 'a frame is not later than the one before');
      before = { kind: 'video', data: frame.data, atMs, durationMs: before ? atMs - before.atMs : FIRST_DURATION_MS };
      offset = frame.end;
      return before;
    },
    rewind() {
      offset = headerBytes;
      before = undefined;
    },
    close: () => bytes.close(),
  };
}

async function readFrame(bytes: ClipBytes, offset: number): Promise<{ data: Uint8Array; timestamp: number; end: number } | undefined> {
  if (offset >= bytes.size) return undefined;
  const header = await bytes.read(offset, FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const length = view.getUint32(0, true);
  if (length > MAX_FRAME_BYTES) throw damagedClip(bytes.name, offset, `a frame says that it has ${length} bytes`);
  const begin = offset + FRAME_HEADER_BYTES;
  const timestamp = Number(view.getBigUint64(4, true));
  if (!Number.isSafeInteger(timestamp)) throw damagedClip(bytes.name, offset, 'a frame has no possible time');
  return { data: await bytes.read(begin, length), timestamp, end: begin + length };
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
