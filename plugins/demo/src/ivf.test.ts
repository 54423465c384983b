import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIvf } from './ivf.ts';
import { ivfOf } from './testing/containers.ts';

test('reads the header and every frame', () => {
  const file = readIvf(ivfOf([Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)]));
  expect(file).toMatchObject({ codec: 'VP80', width: 640, height: 360, timeBase: { numerator: 1, denominator: 25 } });
  expect(file.frames.map(({ data, timestamp }) => ({ data: [...data], timestamp }))).toEqual([
    { data: [1, 2, 3], timestamp: 0 },
    { data: [], timestamp: 1 },
    { data: [4], timestamp: 2 },
  ]);
});

test('gives back any frames that were written', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (frames) => {
      expect(readIvf(ivfOf(frames)).frames.map(({ data }) => [...data])).toEqual(frames.map((frame) => [...frame]));
    }),
  );
});

test('says where a file that is cut off ends', () => {
  const whole = ivfOf([Uint8Array.of(1, 2, 3)]);
  expect(() => readIvf(whole.subarray(0, -1))).toThrow('it ends within a frame.');
  expect(() => readIvf(whole.subarray(0, 40))).toThrow('it ends within a frame header');
  expect(() => readIvf(whole.subarray(0, 20))).toThrow('it does not begin with an IVF header');
});

test('refuses any other bytes with a MediaError and nothing else', () => {
  const header = ivfOf([]);
  const bytes = fc.oneof(fc.uint8Array(), fc.uint8Array().map((tail) => Buffer.concat([header, tail])));
  fc.assert(
    fc.property(bytes, (input) => {
      expect(['no error', 'MediaError']).toContain(errorOf(() => readIvf(input)));
    }),
  );
});

function errorOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'no error';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
