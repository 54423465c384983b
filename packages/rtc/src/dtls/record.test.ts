import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTENT_TYPE, DTLS_1_2, type DtlsRecord, parseRecords, serializeRecord } from './record.ts';

const anyRecord: fc.Arbitrary<DtlsRecord> = fc.record({
  contentType: fc.integer({ min: 0, max: 255 }),
  version: fc.constantFrom(0xfeff, DTLS_1_2),
  epoch: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  fragment: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test('what was written is read again, several records to a datagram', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
      const datagram = Buffer.concat(records.map(serializeRecord));
      expect(parseRecords(datagram)).toEqual({ records, complete: true });
    }),
  );
});

test('any cut of a datagram gives the whole records before the cut', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), fc.nat(), (records, at) => {
      const datagram = Buffer.concat(records.map(serializeRecord));
      const ends = records.map((_, index) => Buffer.concat(records.slice(0, index + 1).map(serializeRecord)).length);
      const cut = at % datagram.length;
      const parsed = parseRecords(datagram.subarray(0, cut));
      expect(parsed.records).toEqual(records.filter((_, index) => ends[index]! <= cut));
      expect(parsed.complete).toBe(cut === 0 || ends.includes(cut));
    }),
  );
});

test('any bytes are taken without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      parseRecords(Buffer.from(bytes));
    }),
  );
});

test('records of TLS, and records longer than any may be, are refused', () => {
  const record = { contentType: CONTENT_TYPE.handshake, version: 0x0303, epoch: 0, sequence: 0, fragment: Buffer.alloc(3) };
  expect(parseRecords(serializeRecord(record))).toEqual({ records: [], complete: false });
  const tooLong = { ...record, version: DTLS_1_2, fragment: Buffer.alloc(2 ** 14 + 2049) };
  expect(parseRecords(serializeRecord(tooLong))).toEqual({ records: [], complete: false });
});
