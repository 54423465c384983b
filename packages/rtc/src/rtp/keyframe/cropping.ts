import type { BitReader } from './bit-reader.ts';
import type { FrameSize } from './frame-size.ts';

// Values of chroma_format_idc (H.264 table 6-1).
const CHROMA_420 = 1;
const CHROMA_422 = 2;

/** What an SPS takes off the coded picture, in chroma samples; both codecs write it the same way. */
export interface Cropping {
  readonly horizontal: number;
  readonly vertical: number;
}

/** A flag, then left, right, top and bottom (H.264 section 7.3.2.1.1, H.265 section 7.3.2.2.1). */
export function readCropping(bits: BitReader): Cropping {
  if (!bits.flag()) return { horizontal: 0, vertical: 0 };
  const horizontal = bits.exponentialGolomb() + bits.exponentialGolomb();
  const vertical = bits.exponentialGolomb() + bits.exponentialGolomb();
  return { horizontal, vertical };
}

/**
 * The picture that is shown (H.264 equations 7-19 to 7-22, H.265 table 6-1).
 * @param chromaFormat `chroma_format_idc`
 * @param rowsPerUnit 2 where cropping counts the rows of both fields, else 1
 * @returns undefined when nothing is left
 */
export function croppedSize(coded: FrameSize, cropping: Cropping, chromaFormat: number, rowsPerUnit: number): FrameSize | undefined {
  const unitX = chromaFormat === CHROMA_420 || chromaFormat === CHROMA_422 ? 2 : 1;
  const unitY = chromaFormat === CHROMA_420 ? 2 : 1;
  const width = coded.width - cropping.horizontal * unitX;
  const height = coded.height - cropping.vertical * unitY * rowsPerUnit;
  return width > 0 && height > 0 ? { width, height } : undefined;
}
