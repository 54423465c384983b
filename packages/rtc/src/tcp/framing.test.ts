import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, MAX_FRAME_BYTES, encodeFrame } from './framing.ts';

function createReader(): { readonly frames: Buffer[]; readonly reader: FrameReader } {
  const frames: Buffer[] = [];
  return { frames, reader: new FrameReader((frame) => frames.push(frame)) };
}

/** Cuts a stream into pieces of the given lengths, and what is left into one. */
function cut(stream: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const length of lengths) {
    pieces.push(stream.subarray(offset, offset + length));
    offset += length;
  }
  return [...pieces, stream.subarray(offset)];
}

const datagram = fc.uint8Array({ minLength: 1, maxLength: MAX_FRAME_BYTES, size: 'max' }).map((bytes) => Buffer.from(bytes));

describe('FrameReader', () => {
  it('gives what was framed, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 8 }), fc.array(fc.nat({ max: 3000 })), (datagrams, lengths) => {
        const { frames, reader } = createReader();
        for (const piece of cut(Buffer.concat(datagrams.map(encodeFrame)), lengths)) expect(reader.read(piece)).toBe(true);
        expect(frames).toEqual(datagrams);
      }),
    );
  });

  it('takes a stream byte by byte', () => {
    const { frames, reader } = createReader();
    const stream = Buffer.concat([encodeFrame(Buffer.from('half')), encodeFrame(Buffer.from('frames'))]);
    for (const byte of stream) reader.read(Buffer.of(byte));
    expect(frames.map(String)).toEqual(['half', 'frames']);
  });

  it('gives a frame that lies whole in the bytes without a copy', () => {
    const { frames, reader } = createReader();
    const chunk = encodeFrame(Buffer.from('whole'));
    reader.read(chunk);
    chunk[2] = 'W'.charCodeAt(0);
    expect(frames.map(String)).toEqual(['Whole']);
  });

  it('passes over null packets', () => {
    const { frames, reader } = createReader();
    expect(reader.read(Buffer.concat([Buffer.alloc(1001 * 2), encodeFrame(Buffer.from('x')), Buffer.alloc(2)]))).toBe(true);
    expect(frames.map(String)).toEqual(['x']);
  });

  it('takes the longest frame and refuses one that is longer, before its content comes', () => {
    const { frames, reader } = createReader();
    expect(reader.read(encodeFrame(Buffer.alloc(MAX_FRAME_BYTES)))).toBe(true);
    expect(reader.read(Buffer.of(0x08))).toBe(true);
    expect(reader.read(Buffer.of(0x01))).toBe(false);
    expect(frames.map(({ length }) => length)).toEqual([MAX_FRAME_BYTES]);
  });

  it('survives any bytes, and no frame is longer than the bound', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5000, size: 'max' })), (chunks) => {
        const { frames, reader } = createReader();
        chunks.every((chunk) => reader.read(Buffer.from(chunk)));
        expect(frames.every(({ length }) => length >= 1 && length <= MAX_FRAME_BYTES)).toBe(true);
      }),
    );
  });
});
