/** Content types of RFC 5246 section 6.2.1. */
export const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** DTLS 1.2 on the wire (RFC 6347 section 4.1). */
export const DTLS_1_2 = 0xfefd;

/** Bytes of plaintext that one record may carry (RFC 5246 section 6.2.1). */
export const MAX_RECORD_PLAINTEXT = 2 ** 14;

const HEADER_LENGTH = 13;
const MAX_RECORD_FRAGMENT = MAX_RECORD_PLAINTEXT + 2048;
const DTLS_MAJOR_VERSION = 0xfe;

/** One record of RFC 6347 section 4.1; `fragment` is a view of the datagram. */
export interface DtlsRecord {
  readonly contentType: number;
  readonly version: number;
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  readonly fragment: Buffer;
}

/** What {@link parseRecords} found in a datagram. */
export interface ParsedDatagram {
  readonly records: readonly DtlsRecord[];
  /** False when bytes were left that are no record; the records before them count (RFC 6347 section 4.1.2.7). */
  readonly complete: boolean;
}

/** Splits a datagram into records. Never throws. */
export function parseRecords(datagram: Buffer): ParsedDatagram {
  const records: DtlsRecord[] = [];
  let offset = 0;
  while (offset < datagram.length) {
    const record = parseRecord(datagram, offset);
    if (record === undefined) return { records, complete: false };
    records.push(record);
    offset += HEADER_LENGTH + record.fragment.length;
  }
  return { records, complete: true };
}

function parseRecord(datagram: Buffer, offset: number): DtlsRecord | undefined {
  if (offset + HEADER_LENGTH > datagram.length) return undefined;
  if (datagram.readUInt8(offset + 1) !== DTLS_MAJOR_VERSION) return undefined;
  const length = datagram.readUInt16BE(offset + 11);
  const start = offset + HEADER_LENGTH;
  if (length > MAX_RECORD_FRAGMENT || start + length > datagram.length) return undefined;
  return {
    contentType: datagram.readUInt8(offset),
    version: datagram.readUInt16BE(offset + 1),
    epoch: datagram.readUInt16BE(offset + 3),
    sequence: datagram.readUIntBE(offset + 5, 6),
    fragment: datagram.subarray(start, start + length),
  };
}

/** Writes one record. */
export function serializeRecord(record: DtlsRecord): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt8(record.contentType, 0);
  header.writeUInt16BE(record.version, 1);
  header.writeUInt16BE(record.epoch, 3);
  header.writeUIntBE(record.sequence, 5, 6);
  header.writeUInt16BE(record.fragment.length, 11);
  return Buffer.concat([header, record.fragment]);
}
