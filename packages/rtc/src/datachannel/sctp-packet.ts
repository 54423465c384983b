/** Chunk types of RFC 9260 section 3.2, RFC 3758 and RFC 6525 that werift knows; it rejects a packet with another. */
const CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  reconfig: 130,
  forwardTsn: 192,
} as const;

const KNOWN_CHUNKS = new Set<number>(Object.values(CHUNK));
/** Where the list of parameters starts in the chunks that have one. */
const PARAMETERS_AT = new Map<number, number>([
  [CHUNK.init, 20],
  [CHUNK.initAck, 20],
  [CHUNK.heartbeat, 4],
  [CHUNK.heartbeatAck, 4],
  [CHUNK.abort, 4],
  [CHUNK.error, 4],
  [CHUNK.reconfig, 4],
]);

const COMMON_HEADER_LENGTH = 12;
const CHUNK_HEADER_LENGTH = 4;
const DATA_HEADER_LENGTH = 16;
const SACK_HEADER_LENGTH = 16;
/** Packets that one SACK may report beyond gaps; about 10 MB in flight. */
const MAX_SACKED_PACKETS = 8192;

/**
 * Whether a packet is well formed as far as werift relies on it: a length of zero would keep
 * its parser in a loop for ever, and a SACK that claims millions of packets for seconds.
 */
export function isSoundSctpPacket(packet: Buffer): boolean {
  if (packet.length < COMMON_HEADER_LENGTH + CHUNK_HEADER_LENGTH) return false;
  let offset = COMMON_HEADER_LENGTH;
  while (offset + CHUNK_HEADER_LENGTH <= packet.length) {
    const length = packet.readUInt16BE(offset + 2);
    if (length < CHUNK_HEADER_LENGTH || offset + length > packet.length) return false;
    if (!isSoundChunk(packet.subarray(offset, offset + length))) return false;
    offset += padded(length);
  }
  return true;
}

/** Whether a packet asks for a new association; an INIT is alone in its packet (RFC 9260 section 3.3.2). */
export function isInit(packet: Buffer): boolean {
  return packet[COMMON_HEADER_LENGTH] === CHUNK.init;
}

function isSoundChunk(chunk: Buffer): boolean {
  const type = chunk.readUInt8(0);
  if (!KNOWN_CHUNKS.has(type)) return false;
  // RFC 9260 section 3.3.1: a DATA chunk carries at least one byte.
  if (type === CHUNK.data) return chunk.length > DATA_HEADER_LENGTH;
  if (type === CHUNK.sack) return isSoundSack(chunk);
  const parametersAt = PARAMETERS_AT.get(type);
  return parametersAt === undefined || areSoundParameters(chunk, parametersAt);
}

function areSoundParameters(chunk: Buffer, start: number): boolean {
  let offset = start;
  while (offset + CHUNK_HEADER_LENGTH <= chunk.length) {
    const length = chunk.readUInt16BE(offset + 2);
    if (length < CHUNK_HEADER_LENGTH || offset + length > chunk.length) return false;
    offset += padded(length);
  }
  return true;
}

function isSoundSack(chunk: Buffer): boolean {
  if (chunk.length < SACK_HEADER_LENGTH) return false;
  const gaps = chunk.readUInt16BE(12);
  const duplicates = chunk.readUInt16BE(14);
  if (SACK_HEADER_LENGTH + 4 * (gaps + duplicates) > chunk.length) return false;
  let packets = 0;
  for (let offset = SACK_HEADER_LENGTH; offset < SACK_HEADER_LENGTH + 4 * gaps; offset += 4) {
    packets += Math.max(0, chunk.readUInt16BE(offset + 2) - chunk.readUInt16BE(offset) + 1);
  }
  return packets <= MAX_SACKED_PACKETS;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
