/** OBU types (AV1 bitstream specification section 6.2.2). */
const OBU = { sequenceHeader: 1, temporalDelimiter: 2, tileList: 8, padding: 15 } as const;
/** What RTP does not carry (AV1 RTP specification section 5). */
const NOT_SENT: ReadonlySet<number> = new Set([OBU.temporalDelimiter, OBU.tileList, OBU.padding]);

const EXTENSION_FLAG = 0x04;
const HAS_SIZE_FLAG = 0x02;

/** Of the aggregation header (AV1 RTP specification section 4.4). */
const CONTINUES_BEFORE = 0x80;
const CONTINUES_AFTER = 0x40;
const NEW_SEQUENCE = 0x08;

/** A fragment that is shorter is left for the next packet. */
const LEAST_FRAGMENT_BYTES = 16;
const MAX_LEB128_BYTES = 8;

/** Whether a temporal unit begins a coded video sequence: it has a sequence header. */
function isAv1Keyframe(unit: Uint8Array): boolean {
  return obusOf(unit)?.some((obu) => obuType(obu) === OBU.sequenceHeader) ?? false;
}

/**
 * Cuts a temporal unit, as IVF and WebM have it, into RTP payloads (AV1 RTP specification section 4).
 * @param maxPayloadBytes aggregation header included
 * @returns undefined when its OBUs cannot be told apart
 */
export function packetizeAv1(unit: Uint8Array, maxPayloadBytes: number): Uint8Array[] | undefined {
  const obus = obusOf(unit)?.filter((obu) => !NOT_SENT.has(obuType(obu)));
  if (!obus) return undefined;
  const packets: number[][] = [];
  let packet: number[] = [];
  const begin = (flags: number): void => {
    packet = [flags];
    packets.push(packet);
  };
  for (const obu of obus) {
    let rest = obu;
    if (packets.length === 0) begin(isAv1Keyframe(unit) ? NEW_SEQUENCE : 0);
    while (rest.length > 0) {
      // The length before each element takes at most two bytes here: packets are far below 2^14.
      const room = maxPayloadBytes - packet.length - 2;
      const isWhole = rest.length <= room;
      if (!isWhole && room < LEAST_FRAGMENT_BYTES && packet.length > 1) {
        const isContinuing = rest !== obu;
        if (isContinuing) packet[0] = (packet[0] ?? 0) | CONTINUES_AFTER;
        begin(isContinuing ? CONTINUES_BEFORE : 0);
        continue;
      }
      const part = rest.subarray(0, Math.max(1, room));
      packet.push(...leb128(part.length), ...part);
      rest = rest.subarray(part.length);
      if (rest.length === 0) continue;
      packet[0] = (packet[0] ?? 0) | CONTINUES_AFTER;
      begin(CONTINUES_BEFORE);
    }
  }
  return packets.map((bytes) => Uint8Array.from(bytes));
}

function obuType(obu: Uint8Array): number {
  return ((obu[0] ?? 0) >> 3) & 0b1111;
}

/** The OBUs without their size fields; undefined when they do not fit. */
function obusOf(unit: Uint8Array): Uint8Array[] | undefined {
  const obus: Uint8Array[] = [];
  for (let offset = 0; offset < unit.length; ) {
    const header = unit[offset] ?? 0;
    const headerBytes = header & EXTENSION_FLAG ? 2 : 1;
    if (offset + headerBytes > unit.length) return undefined;
    const size = header & HAS_SIZE_FLAG ? readLeb128(unit, offset + headerBytes) : { value: unit.length - offset - headerBytes, bytes: 0 };
    if (!size) return undefined;
    const begin = offset + headerBytes + size.bytes;
    const end = begin + size.value;
    if (end > unit.length) return undefined;
    const obu = new Uint8Array(headerBytes + size.value);
    obu.set(unit.subarray(offset, offset + headerBytes));
    obu[0] = header & ~HAS_SIZE_FLAG;
    obu.set(unit.subarray(begin, end), headerBytes);
    obus.push(obu);
    offset = end;
  }
  return obus;
}

function readLeb128(bytes: Uint8Array, offset: number): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let index = 0; index < MAX_LEB128_BYTES; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, bytes: index + 1 };
  }
  return undefined;
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}
