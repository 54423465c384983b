import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetizeVp9, vp9Profile } from './vp9.ts';

const KEYFRAME = 0b1000_0010;
const PREDICTED = 0b1000_0110;
const SHOWN_AGAIN = 0b1000_1000;

test('the parts make up the frame, and only the first begins it and the last ends it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.nat(100_000), fc.integer({ min: 10, max: 120 }), (frame, count, maxPayloadBytes) => {
      const payloads = packetizeVp9(frame, count, maxPayloadBytes);
      expect(payloads.flatMap((payload) => [...payload.subarray(3)])).toEqual([...frame]);
      expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(maxPayloadBytes);
      expect(payloads.map((payload) => payload[0]! & 0x0c)).toEqual(payloads.map((_, at) => (at === 0 ? 8 : 0) | (at === payloads.length - 1 ? 4 : 0)));
      for (const payload of payloads) expect(((payload[1]! & 0x7f) << 8) | payload[2]!).toBe(count % 0x8000);
    }),
  );
});

test('a keyframe is not marked as predicted, everything else is', () => {
  const predicted = [KEYFRAME, PREDICTED, SHOWN_AGAIN, 0].map((first) => (packetizeVp9(Uint8Array.of(first), 0, 100)[0]![0]! & 0x40) !== 0);
  expect(predicted).toEqual([false, true, true, true]);
});

test('the profile is in two bits, the lower one first', () => {
  expect([0x82, 0xa2, 0x92, 0xb0].map((first) => vp9Profile(Uint8Array.of(first)))).toEqual([0, 1, 2, 3]);
});
