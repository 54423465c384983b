import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetizeAv1 } from './av1.ts';

const TYPES = { sequenceHeader: 1, temporalDelimiter: 2, frame: 6 } as const;

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >> 7)];
}

/** An OBU as files have it, with its size. */
function obu(type: number, data: Uint8Array): Uint8Array {
  return Uint8Array.from([(type << 3) | 2, ...leb128(data.length), ...data]);
}

/** Puts OBUs together again as a receiver does (AV1 RTP specification section 4.4). */
function depacketize(payloads: readonly Uint8Array[]): number[][] {
  const obus: number[][] = [];
  for (const payload of payloads) {
    let isContinued = ((payload[0] ?? 0) & 0x80) !== 0;
    for (let offset = 1; offset < payload.length; ) {
      let length = 0;
      for (let shift = 0, more = true; more; shift += 7, offset++) {
        length |= (payload[offset]! & 0x7f) << shift;
        more = payload[offset]! >= 0x80;
      }
      const part = payload.subarray(offset, offset + length);
      if (isContinued) obus.at(-1)?.push(...part);
      else obus.push([...part]);
      isContinued = false;
      offset += length;
    }
  }
  return obus;
}

test('OBUs come out as they went in, without their sizes and without delimiters', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 40, max: 200 }), (data, maxPayloadBytes) => {
      const unit = Buffer.concat([obu(TYPES.temporalDelimiter, Uint8Array.of()), ...data.map((bytes) => obu(TYPES.frame, bytes))]);
      const payloads = packetizeAv1(unit, maxPayloadBytes) ?? [];
      expect(depacketize(payloads)).toEqual(data.map((bytes) => [TYPES.frame << 3, ...bytes]));
      expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(maxPayloadBytes);
      expect(payloads.map((payload) => (payload[0]! & 0x80) !== 0).slice(1)).toEqual(payloads.map((payload) => (payload[0]! & 0x40) !== 0).slice(0, -1));
    }),
  );
});

test('a new sequence is marked in its first packet only', () => {
  const unit = Buffer.concat([obu(TYPES.sequenceHeader, Uint8Array.of(1, 2)), obu(TYPES.frame, new Uint8Array(300))]);
  expect(packetizeAv1(unit, 100)?.map((payload) => (payload[0]! & 0x08) !== 0)).toEqual([true, false, false, false]);
  expect(packetizeAv1(obu(TYPES.frame, new Uint8Array(10)), 100)?.[0]?.[0]).toBe(0);
});

test('any other bytes are packets or nothing', () => {
  fc.assert(fc.property(fc.uint8Array(), (unit) => void packetizeAv1(unit, 100)));
});
