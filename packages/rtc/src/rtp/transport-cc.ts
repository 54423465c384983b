import { type MalformedRtcp, RTCP_TYPE, TRANSPORT_FEEDBACK, type TransportCcFeedback, malformedRtcp } from './rtcp-packets.ts';
import { startFeedback } from './rtcp-write.ts';

/** Arrival times are sent in this unit, in microseconds. */
export const DELTA_TICK_US = 250;
/** Reference times are sent in this unit: 64 ms in ticks. */
export const REFERENCE_TICKS = 256;
/** The range of a large delta, in ticks. */
export const MIN_DELTA = -0x8000;
export const MAX_DELTA = 0x7fff;

// Packet status symbols (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.1).
const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

const CHUNK_LENGTH = 2;
const MAX_RUN = 0x1fff;
const ONE_BIT_SYMBOLS = 14;
const TWO_BIT_SYMBOLS = 7;

/** SSRCs, base sequence number, status count, reference time and feedback count. */
const BODY_HEADER_LENGTH = 16;
const PACKET_HEADER_LENGTH = 4 + BODY_HEADER_LENGTH;

/** Reads what follows the RTCP header of a transport feedback packet, padding taken off. Never throws. */
export function parseTransportCc(body: Buffer, maxStatuses: number): TransportCcFeedback | MalformedRtcp {
  if (body.length < BODY_HEADER_LENGTH + CHUNK_LENGTH) return malformedRtcp(`Transport feedback does not fit ${body.length} bytes.`);
  const statusCount = body.readUInt16BE(10);
  if (statusCount === 0) return malformedRtcp('Transport feedback reports no packet.');
  if (statusCount > maxStatuses) return malformedRtcp(`Transport feedback on ${statusCount} packets, allowed are ${maxStatuses}.`);

  const symbols: number[] = [];
  let offset = BODY_HEADER_LENGTH;
  while (symbols.length < statusCount) {
    if (offset + CHUNK_LENGTH > body.length) return malformedRtcp('Transport feedback ends within its status chunks.');
    readChunk(body.readUInt16BE(offset), symbols, statusCount);
    offset += CHUNK_LENGTH;
  }

  const referenceTime = body.readIntBE(12, 3);
  const arrivals: (number | undefined)[] = [];
  let ticks = referenceTime * REFERENCE_TICKS;
  for (const symbol of symbols) {
    if (symbol === NOT_RECEIVED) {
      arrivals.push(undefined);
      continue;
    }
    if (symbol > LARGE_DELTA) return malformedRtcp('Transport feedback uses the reserved status symbol.');
    // A small delta takes one byte and a large one two, which are the values of their symbols.
    if (offset + symbol > body.length) return malformedRtcp('Transport feedback ends within its deltas.');
    ticks += symbol === SMALL_DELTA ? body.readUInt8(offset) : body.readInt16BE(offset);
    offset += symbol;
    arrivals.push(ticks * DELTA_TICK_US);
  }
  return {
    type: 'transport-cc',
    senderSsrc: body.readUInt32BE(0),
    mediaSsrc: body.readUInt32BE(4),
    baseSequenceNumber: body.readUInt16BE(8),
    referenceTime,
    feedbackCount: body.readUInt8(15),
    arrivals,
  };
}

/**
 * Writes one feedback packet. Arrivals are rounded to 250 µs and must lie near each other and
 * near the reference time: a step from one to the next has 16 bits of 250 µs.
 * @throws RangeError for a step that does not fit, and for no or over 65535 arrivals
 */
export function writeTransportCc(feedback: Omit<TransportCcFeedback, 'type'>): Buffer {
  const { arrivals } = feedback;
  if (arrivals.length === 0 || arrivals.length > 0xffff) {
    throw new RangeError(`Transport feedback reports 1 to 65535 packets, not ${arrivals.length}.`);
  }
  const symbols: number[] = [];
  const deltas: number[] = [];
  let previousTicks = feedback.referenceTime * REFERENCE_TICKS;
  for (const arrival of arrivals) {
    if (arrival === undefined) {
      symbols.push(NOT_RECEIVED);
      continue;
    }
    const ticks = Math.round(arrival / DELTA_TICK_US);
    const delta = ticks - previousTicks;
    symbols.push(delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA);
    deltas.push(delta);
    previousTicks = ticks;
  }
  return writePacket(feedback, symbols, deltas);
}

function writePacket(feedback: Omit<TransportCcFeedback, 'type'>, symbols: readonly number[], deltas: readonly number[]): Buffer {
  const chunks = chunksOf(symbols);
  let end = PACKET_HEADER_LENGTH + CHUNK_LENGTH * chunks.length;
  for (const symbol of symbols) end += symbol;
  const padding = -end & 3;

  const controlInformationLength = end + padding - 12;
  const format = TRANSPORT_FEEDBACK.transportCc;
  const packet = startFeedback(RTCP_TYPE.transportFeedback, format, feedback.senderSsrc, feedback.mediaSsrc, controlInformationLength);
  packet.writeUInt16BE(feedback.baseSequenceNumber, 12);
  packet.writeUInt16BE(symbols.length, 14);
  packet.writeUIntBE(feedback.referenceTime & 0xff_ffff, 16, 3);
  packet.writeUInt8(feedback.feedbackCount & 0xff, 19);

  let offset = PACKET_HEADER_LENGTH;
  for (const chunk of chunks) offset = packet.writeUInt16BE(chunk, offset);
  for (const delta of deltas) {
    const small = delta >= 0 && delta <= 0xff;
    offset = small ? packet.writeUInt8(delta, offset) : packet.writeInt16BE(delta, offset);
  }
  if (padding > 0) {
    // Undeclared, it would be read as deltas (RFC 3550 section 6.4.1).
    packet.writeUInt8(packet.readUInt8(0) | 0x20, 0);
    packet.writeUInt8(padding, packet.length - 1);
  }
  return packet;
}

/** Section 3.1.3 and 3.1.4: run-length chunks where they hold more than a vector, else vectors of one or two bits. */
function chunksOf(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  let index = 0;
  while (index < symbols.length) {
    const vectorLength = fitsOneBit(symbols, index) ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
    const run = runLength(symbols, index);
    if (run >= vectorLength || index + run === symbols.length) {
      chunks.push(((symbols[index] ?? NOT_RECEIVED) << 13) | run);
      index += run;
    } else {
      chunks.push(vectorChunk(symbols, index, vectorLength));
      index += vectorLength;
    }
  }
  return chunks;
}

function fitsOneBit(symbols: readonly number[], from: number): boolean {
  for (let index = from; index < Math.min(from + ONE_BIT_SYMBOLS, symbols.length); index++) {
    if (symbols[index] === LARGE_DELTA) return false;
  }
  return true;
}

function runLength(symbols: readonly number[], from: number): number {
  let end = from + 1;
  while (end < symbols.length && end - from < MAX_RUN && symbols[end] === symbols[from]) end++;
  return end - from;
}

function vectorChunk(symbols: readonly number[], from: number, length: number): number {
  const bits = length === ONE_BIT_SYMBOLS ? 1 : 2;
  let chunk = bits === 1 ? 0x8000 : 0xc000;
  for (let index = 0; index < length; index++) {
    chunk |= (symbols[from + index] ?? NOT_RECEIVED) << (14 - bits * (index + 1));
  }
  return chunk;
}

/** Appends the symbols of one chunk; those past `statusCount` only fill it up. */
function readChunk(chunk: number, symbols: number[], statusCount: number): void {
  const isVector = (chunk & 0x8000) !== 0;
  const hasTwoBits = (chunk & 0x4000) !== 0;
  const vectorLength = hasTwoBits ? TWO_BIT_SYMBOLS : ONE_BIT_SYMBOLS;
  const length = Math.min(isVector ? vectorLength : chunk & MAX_RUN, statusCount - symbols.length);
  for (let index = 0; index < length; index++) {
    if (!isVector) symbols.push((chunk >> 13) & 3);
    else if (hasTwoBits) symbols.push((chunk >> (12 - 2 * index)) & 3);
    else symbols.push((chunk >> (13 - index)) & 1);
  }
}
