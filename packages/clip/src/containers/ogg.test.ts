import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { oggOf, opusFileOf } from '../testing/containers.ts';
import { openMemory, readAll, readAnything } from '../testing/read-all.ts';

const HEADERS = [Buffer.from('OpusHead…'), Buffer.from('OpusTags…')];
/** CELT, 20 ms in one frame. */
const opusPacket = (length: number) => Buffer.alloc(length, 31 << 3);

test('gives back any packets, also those that run over pages, on every pass', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 20 }), fc.integer({ min: 1, max: 255 }), async (lengths, segmentsPerPage) => {
      const clip = await openMemory(oggOf([...HEADERS, ...lengths.map(opusPacket)], segmentsPerPage));
      for (let pass = 0; pass < 2; pass++) {
        const frames = await readAll(clip);
        expect(frames.map(({ data, atMs }) => [data.length, atMs])).toEqual(lengths.map((length, at) => [length, at * 20]));
        clip.rewind();
      }
    }),
  );
});

test('says where a file is damaged', async () => {
  const whole = oggOf([...HEADERS, opusPacket(300)]);
  expect(await readAnything(whole.subarray(0, -1))).toContain('it ends there');
  expect(await readAnything(oggOf([...HEADERS, opusPacket(300)], 1).subarray(0, -73))).toContain('ends within a packet');
  expect(await readAnything(Buffer.concat([whole, Buffer.from('rubbish, and more than a header of it')]))).toContain(`at byte ${whole.length}: no Ogg page begins there`);
  expect(await readAnything(opusFileOf([Uint8Array.of()]))).toContain('an opus packet is too short');
  expect(await readAnything(oggOf([Buffer.from('\u0001vorbis')]))).toContain('OpusHead is missing');
});

test('any other bytes are an error that says where, or no error', async () => {
  const start = oggOf(HEADERS);
  const bytes = fc.oneof(fc.uint8Array().map((tail) => Buffer.concat([Buffer.from('OggS'), tail])), fc.uint8Array().map((tail) => Buffer.concat([start, Buffer.from('OggS'), tail])));
  await fc.assert(fc.asyncProperty(bytes, async (input) => {
    expect(await readAnything(input)).toMatch(/^$|at byte \d+/);
  }));
});
