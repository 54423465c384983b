import { type ClipBytes, damagedClip } from '../clip-bytes.ts';

/** An element of EBML (RFC 8794): where its data is. */
export interface EbmlElement {
  readonly id: number;
  readonly offset: number;
  readonly dataOffset: number;
  /** Undefined when it is unknown (RFC 8794 section 6.2), as in live recordings. */
  readonly size: number | undefined;
}

const MAX_HEADER_BYTES = 12;

/** @throws MediaError SOURCE_FAILED when no element begins there */
export async function readElement(bytes: ClipBytes, offset: number): Promise<EbmlElement> {
  const header = await bytes.read(offset, Math.min(MAX_HEADER_BYTES, bytes.size - offset));
  const element = parseElement(header, 0);
  if (!element) throw damagedClip(bytes.name, offset, 'no EBML element begins there');
  return { ...element, offset, dataOffset: offset + element.dataOffset };
}

/** The elements within a master element that is in memory; undefined when they do not fit. */
export function childrenOf(data: Uint8Array): Map<number, Uint8Array[]> | undefined {
  const children = new Map<number, Uint8Array[]>();
  for (let offset = 0; offset < data.length; ) {
    const element = parseElement(data, offset);
    if (element?.size === undefined) return undefined;
    const end = element.dataOffset + element.size;
    if (end > data.length) return undefined;
    const same = children.get(element.id);
    const child = data.subarray(element.dataOffset, end);
    if (same) same.push(child);
    else children.set(element.id, [child]);
    offset = end;
  }
  return children;
}

/** Big-endian, up to 8 bytes; more than 2^53 loses its last digits. */
export function unsignedOf(data: Uint8Array | undefined): number | undefined {
  if (!data || data.length > 8) return undefined;
  return data.reduce((value, byte) => value * 256 + byte, 0);
}

/** A number with its length in front (RFC 8794 section 4). */
export function readVint(data: Uint8Array, offset: number, maxBytes: number): { raw: number; value: number; bytes: number; isUnknown: boolean } | undefined {
  const first = data[offset];
  if (first === undefined || first === 0) return undefined;
  const bytes = Math.clz32(first) - 23;
  if (bytes > maxBytes || offset + bytes > data.length) return undefined;
  const marker = 0x80 >> (bytes - 1);
  const all = data.subarray(offset, offset + bytes);
  // Without the marker from the start: 2^56 and some would lose its last digits.
  const value = all.reduce((sum, byte, index) => sum * 256 + (index === 0 ? byte - marker : byte), 0);
  const isUnknown = all.every((byte, index) => byte === (index === 0 ? 2 * marker - 1 : 0xff));
  return { raw: value + marker * 256 ** (bytes - 1), value, bytes, isUnknown };
}

function parseElement(data: Uint8Array, offset: number): EbmlElement | undefined {
  const id = readVint(data, offset, 4);
  const size = id && readVint(data, offset + id.bytes, 8);
  if (!size) return undefined;
  return { id: id.raw, offset, dataOffset: offset + id.bytes + size.bytes, size: size.isUnknown ? undefined : size.value };
}
