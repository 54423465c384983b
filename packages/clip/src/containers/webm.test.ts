import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type WebmBlock, webmOf } from '../testing/containers.ts';
import { openMemory, readAll, readAnything } from '../testing/read-all.ts';

const TRACKS = [{ number: 1, codecId: 'V_VP8' }, { number: 2, codecId: 'A_OPUS' }, { number: 3, codecId: 'S_TEXT/UTF8' }];
const picture = (atMs: number): WebmBlock => ({ track: 1, atMs, data: Uint8Array.of(0x10, atMs & 0xff) });
const sound = (atMs: number): WebmBlock => ({ track: 2, atMs, data: Uint8Array.of(31 << 3, 1) });
const BLOCKS = [picture(0), sound(0), sound(20), picture(40), { track: 3, atMs: 50, data: Uint8Array.of(1) }, picture(1040), sound(1040)];

test.each([
  ['of a muxer', {}],
  ['of a live recording, with sizes left open', { live: true }],
  ['with block groups', { groups: true }],
])('a file %s is read on every pass', async (_what, how) => {
  const clip = await openMemory(webmOf(TRACKS, BLOCKS, how));
  expect(clip.tracks.map(({ kind, codec }) => [kind, codec.name])).toEqual([['video', 'VP8'], ['audio', 'opus']]);
  for (let pass = 0; pass < 2; pass++) {
    const frames = await readAll(clip);
    expect(frames.map(({ kind, atMs, durationMs }) => [kind, atMs, durationMs])).toEqual([
      ['video', 0, 40],
      ['audio', 0, 20],
      ['audio', 20, 20],
      ['video', 40, 40],
      ['video', 1040, 1000],
      ['audio', 1040, 20],
    ]);
    expect([...(frames[3]?.data ?? [])]).toEqual([0x10, 40]);
    clip.rewind();
  }
});

test('a clip that does not begin at zero begins at once', async () => {
  const frames = await readAll(await openMemory(webmOf(TRACKS, [picture(5_000), picture(5_040)])));
  expect(frames.map(({ atMs }) => atMs)).toEqual([0, 40]);
});

describe('a file that cannot be played', () => {
  test.each([
    ['of other codecs', webmOf([{ number: 1, codecId: 'V_MPEG4/ISO/AVC' }], []), 'no track that can be played (V_MPEG4/ISO/AVC)'],
    ['without media', webmOf(TRACKS, []), 'it ends before any media'],
    ['with lacing', webmOf(TRACKS, [{ ...picture(0), flags: 0x02 }]), 'lacing'],
    ['with a block of open size', Buffer.concat([webmOf(TRACKS, BLOCKS, { live: true }), Uint8Array.of(0xa3, 0xff)]), 'must say its size does not'],
    ['that is cut off', webmOf(TRACKS, BLOCKS).subarray(0, -3), 'it ends there'],
    ['that is something else', Buffer.from('RIFF and so on'), 'neither WebM nor IVF nor Ogg'],
    ['that is empty', Buffer.alloc(0), 'neither WebM nor IVF nor Ogg'],
  ])('%s says so, and where', async (_what, bytes, words) => {
    const message = await readAnything(bytes);
    expect(message).toContain(words);
    expect(message).toMatch(/^The clip clip\.test cannot be read at byte \d+/);
  });
});

test('any damage is an error that says where, or no error', async () => {
  const whole = webmOf(TRACKS, BLOCKS);
  const damage = fc.record({ at: fc.nat(whole.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }), cut: fc.nat(whole.length) });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, bytes, cut }) => {
      const damaged = Buffer.from(whole);
      damaged.set(bytes.subarray(0, damaged.length - at), at);
      expect(await readAnything(damaged.subarray(0, cut))).toMatch(/^$|at byte \d+/);
    }),
    { numRuns: 2_000 },
  );
});
