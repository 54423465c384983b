import { MediaError } from '@sluice/core';

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** One frame of an IVF file. */
export interface IvfFrame {
  readonly data: Uint8Array;
  /** In time bases of the file. */
  readonly timestamp: number;
}

/** An IVF file: frames of one video stream, as libvpx writes them. */
export interface IvfFile {
  /** Four characters, for example `VP80`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Seconds per unit of a frame's timestamp, as a fraction. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
  readonly frames: readonly IvfFrame[];
}

/**
 * Reads an IVF file.
 * @throws MediaError PLUGIN_FAILED when it is not one, or ends within a frame
 */
export function readIvf(bytes: Uint8Array): IvfFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER_BYTES || text(bytes, 0, 4) !== 'DKIF') throw malformed('it does not begin with an IVF header');

  const denominator = view.getUint32(16, true);
  const numerator = view.getUint32(20, true);
  if (denominator === 0 || numerator === 0) throw malformed('its time base is zero');
  const headerBytes = view.getUint16(6, true);
  if (headerBytes < FILE_HEADER_BYTES) throw malformed(`its header says it is ${headerBytes} bytes long`);

  return {
    codec: text(bytes, 8, 4),
    width: view.getUint16(12, true),
    height: view.getUint16(14, true),
    timeBase: { numerator, denominator },
    frames: readFrames(bytes, view, headerBytes),
  };
}

function readFrames(bytes: Uint8Array, view: DataView, start: number): IvfFrame[] {
  const frames: IvfFrame[] = [];
  let offset = start;
  while (offset < bytes.length) {
    const begin = offset + FRAME_HEADER_BYTES;
    if (begin > bytes.length) throw malformed('it ends within a frame header');
    const end = begin + view.getUint32(offset, true);
    if (end > bytes.length) throw malformed('it ends within a frame');
    frames.push({ data: bytes.subarray(begin, end), timestamp: Number(view.getBigUint64(offset + 4, true)) });
    offset = end;
  }
  return frames;
}

function text(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

function malformed(why: string): MediaError {
  return new MediaError('PLUGIN_FAILED', `The video clip cannot be read: ${why}. Make it again with clip/make-clip.sh.`);
}
