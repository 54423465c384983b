import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOggPackets } from './ogg.ts';
import { oggOf } from './testing/containers.ts';

test('gives back any packets, also those that run over pages', () => {
  const packets = fc.array(fc.uint8Array({ maxLength: 1000 }), { maxLength: 20 });
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 255 }), (written, segmentsPerPage) => {
      const read = readOggPackets(oggOf(written, segmentsPerPage));
      expect(read.map((packet) => [...packet])).toEqual(written.map((packet) => [...packet]));
    }),
  );
});

test('a packet whose length is a multiple of 255 ends with an empty segment', () => {
  expect(readOggPackets(oggOf([new Uint8Array(510), Uint8Array.of(7)]))).toEqual([Buffer.alloc(510), Uint8Array.of(7)].map((bytes) => expect.objectContaining({ length: bytes.length })));
});

test('says where a file that is cut off ends', () => {
  const whole = oggOf([new Uint8Array(300)]);
  expect(() => readOggPackets(whole.subarray(0, -1))).toThrow('it ends within a page.');
  expect(() => readOggPackets(whole.subarray(0, 28))).toThrow('it ends within a segment table');
  expect(() => readOggPackets(whole.subarray(0, 10))).toThrow('it ends within a page header');
  expect(() => readOggPackets(oggOf([new Uint8Array(300)], 1).subarray(0, 283))).toThrow('it ends within a packet');
});

test('refuses any other bytes with a MediaError and nothing else', () => {
  const bytes = fc.oneof(fc.uint8Array(), fc.uint8Array().map((tail) => Buffer.concat([Buffer.from('OggS'), tail])));
  fc.assert(
    fc.property(bytes, (input) => {
      expect(['no error', 'MediaError']).toContain(errorOf(() => readOggPackets(input)));
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
