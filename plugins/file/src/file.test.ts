import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaError, WebRtcPluginManager, pathResolver } from '@sluice/core';
import { MemoryLogger, fakeEngine, sampleAccessRequest } from '@sluice/core/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import file, { type FileOptions } from './index.ts';

const DEADLINE = { timeout: 5_000, interval: 5 };
/** Of POSIX. */
const MKFIFO = 'mkfifo';

/** An IVF file of VP8 at 25 frames per second, two frames long. */
function ivf(): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF\u0000\u0000\u0020\u0000VP80', 0, 'latin1');
  header.writeUInt32LE(25, 16);
  header.writeUInt32LE(1, 20);
  const frames = [0, 1].map((at) => Buffer.from([1, 0, 0, 0, at, 0, 0, 0, 0, 0, 0, 0, 0x10 | at]));
  return Buffer.concat([header, ...frames]);
}

/** A server whose streams live/… are the clips of a folder. */
async function setUp(options: FileOptions = {}, source = '{stream}.ivf') {
  const outside = await mkdtemp(join(tmpdir(), 'sluice-clips-'));
  const folder = join(outside, 'clips');
  await mkdir(folder);
  await writeFile(join(folder, 'test.ivf'), ivf());
  await writeFile(join(outside, 'secret.ivf'), ivf());
  await symlink(join(outside, 'secret.ivf'), join(folder, 'link.ivf'));
  const engine = fakeEngine();
  const paths = pathResolver({ 'live/*': { source: { file: source } } });
  const logger = new MemoryLogger();
  const manager = new WebRtcPluginManager({ engine, logger, paths, streams: { noneReaderDelayMs: 30 } });
  manager.registerPlugin(file({ folder, ...options }));
  await manager.ready();
  onTestFinished(async () => {
    await manager.close();
    await rm(outside, { recursive: true });
  });
  const view = (stream = 'test') => manager.streams.waitFor(sampleAccessRequest({ stream }), new AbortController().signal);
  return { manager, engine, folder, view };
}

test('a clip plays for its viewers and ends when nobody watches', async () => {
  const { manager, engine, view } = await setUp();
  const stream = await view();
  expect(stream.origin).toEqual({ type: 'file', url: 'test.ivf', state: 'live' });
  expect(stream.tracks.map(({ codec }) => codec?.name)).toEqual(['VP8']);
  const leave = stream.addReader({ sessionId: 'viewer', onEnded: () => undefined });
  // Two frames a pass, so that it has begun again.
  await vi.waitUntil(() => (engine.tracks[0]?.written.length ?? 0) >= 5, DEADLINE);
  leave();
  await vi.waitUntil(() => engine.tracks[0]?.ended === true, DEADLINE);
  expect(manager.streams.find(stream.key)).toBeUndefined();
});

test.each([
  ['that is not there', 'nothing.ivf', 'There is no clip "nothing.ivf"'],
  ['outside of the folder', '../secret.ivf', 'not in the folder'],
  ['at an absolute path', '/etc/passwd', 'not in the folder'],
  ['behind a link that leads outside', 'link.ivf', 'not in the folder'],
  ['that is the folder itself', '.', 'not in the folder'],
])('a clip %s is not played, and the viewer is told why', async (_what, source, words) => {
  const { engine, view } = await setUp({}, source);
  await expect(view()).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringContaining(words) });
  expect(engine.tracks).toEqual([]);
});

test('a damaged clip is named with the place of the damage, before it begins or while it plays', async () => {
  const { folder, view } = await setUp();
  await writeFile(join(folder, 'other.ivf'), 'something else');
  await expect(view('other')).rejects.toMatchObject({ message: expect.stringMatching(/other\.ivf cannot be read at byte 0/) });
  await writeFile(join(folder, 'short.ivf'), ivf().subarray(0, -1));
  const ended = vi.fn<(reason: string) => void>();
  (await view('short')).addReader({ sessionId: 'viewer', onEnded: ended });
  await vi.waitUntil(() => ended.mock.calls.length > 0, DEADLINE);
  expect(ended.mock.calls[0]?.[0]).toMatch(/short\.ivf cannot be read at byte 57/);
});

test.each(['pipe', 'folder'])('a %s in the folder is no clip, and holds nothing up', async (kind) => {
  const { folder, view } = await setUp();
  if (kind === 'pipe') execFileSync(MKFIFO, [join(folder, 'other.ivf')]);
  else await mkdir(join(folder, 'other.ivf'));
  await expect(view('other')).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringContaining('is no file') });
});

test('tracks of a clip whose stream somebody else has taken meanwhile are ended', async () => {
  const { engine, manager, view } = await setUp();
  // The name is free when it is looked at, and taken when it is published.
  vi.spyOn(manager.streams, 'publish').mockImplementation(() => {
    throw new MediaError('STREAM_BUSY', 'taken');
  });
  await expect(view()).rejects.toMatchObject({ code: 'STREAM_BUSY' });
  expect(engine.tracks.map(({ ended }) => ended)).toEqual([true]);
});

test('no more clips are played than the limit allows', async () => {
  const { folder, view } = await setUp({ maxFiles: 1 });
  await writeFile(join(folder, 'other.ivf'), ivf());
  await view('test');
  await expect(view('other')).rejects.toMatchObject({ code: 'SOURCE_LIMIT' });
});
