import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ivfOf } from '../testing/containers.ts';
import { openMemory, readAll, readAnything } from '../testing/read-all.ts';

test('gives back any frames that were written, on every pass', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1 }), async (written) => {
      const clip = await openMemory(ivfOf(written));
      for (let pass = 0; pass < 2; pass++) {
        const frames = await readAll(clip);
        expect(frames.map(({ data }) => [...data])).toEqual(written.map((frame) => [...frame]));
        expect(frames.map(({ atMs }) => atMs)).toEqual(written.map((_, at) => at * 40));
        clip.rewind();
      }
    }),
  );
});

test.each([['VP80', 'VP8', {}], ['VP90', 'VP9', { 'profile-id': '0' }], ['AV01', 'AV1', {}]])('%s is %s', async (fourcc, name, parameters) => {
  expect((await openMemory(ivfOf([Uint8Array.of(0x82)], fourcc))).tracks).toEqual([{ kind: 'video', codec: { name, clockRate: 90_000, parameters } }]);
});

test('says in which file and where it is damaged', async () => {
  const whole = ivfOf([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
  expect(await readAnything(whole.subarray(0, -1))).toBe('The clip clip.test cannot be read at byte 59: it ends there.');
  expect(await readAnything(whole.subarray(0, 50))).toContain('at byte 47: it ends there');
  expect(await readAnything(whole.subarray(0, 20))).toContain('at byte 0');
  expect(await readAnything(ivfOf([]))).toContain('it has no frame');
  expect(await readAnything(ivfOf([Uint8Array.of(1)], 'H264'))).toContain('its codec is "H264"');
  const huge = Buffer.from(whole);
  huge.writeUInt32LE(0xffff_ffff, 32);
  expect(await readAnything(huge)).toContain('says that it has 4294967295 bytes');
});

test('any other bytes are an error that says where, or no error', async () => {
  const header = ivfOf([Uint8Array.of(1)]);
  const bytes = fc.oneof(fc.uint8Array(), fc.uint8Array().map((tail) => Buffer.concat([header, tail])));
  await fc.assert(fc.asyncProperty(bytes, async (input) => {
    expect(await readAnything(input)).toMatch(/^$|at byte \d+/);
  }));
});
