import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetizeVp8 } from './vp8.ts';

/** Reads a payload descriptor field by field (RFC 7741 section 4.2). */
function parsePayload(payload: Uint8Array) {
  const bytes = [...payload];
  const first = bytes.shift() ?? 0;
  const extension = first & 0x80 ? (bytes.shift() ?? 0) : 0;
  let pictureId: number | undefined;
  if (extension & 0x80) {
    const high = bytes.shift() ?? 0;
    pictureId = high & 0x80 ? ((high & 0x7f) << 8) | (bytes.shift() ?? 0) : high;
  }
  if (extension & 0x40) bytes.shift();
  if (extension & 0x30) bytes.shift();
  return { start: (first & 0x10) !== 0, partition: first & 0x07, reserved: first & 0x48, pictureId, data: bytes };
}

test('descriptors parse again and the parts make up the frame', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      fc.nat(100_000),
      fc.integer({ min: 10, max: 120 }),
      (frame, count, maxPayloadBytes) => {
        const payloads = packetizeVp8(frame, count, maxPayloadBytes);
        const parsed = payloads.map(parsePayload);
        expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(maxPayloadBytes);
        expect(parsed.flatMap(({ data }) => data)).toEqual([...frame]);
        expect(parsed.map(({ start }) => start)).toEqual(parsed.map((_, at) => at === 0));
        expect(parsed.every(({ data }) => data.length > 0)).toBe(true);
        for (const { pictureId, partition, reserved } of parsed) {
          expect({ pictureId, partition, reserved }).toEqual({ pictureId: count % 32_768, partition: 0, reserved: 0 });
        }
      },
    ),
  );
});

test('the picture id wraps after 15 bits and keeps its two bytes', () => {
  const payloads = [0, 127, 128, 32_767, 32_768].flatMap((count) => packetizeVp8(Uint8Array.of(0), count, 1000));
  expect(payloads.map((payload) => parsePayload(payload).pictureId)).toEqual([0, 127, 128, 32_767, 0]);
  expect(payloads.every(({ length }) => length === 5)).toBe(true);
});
