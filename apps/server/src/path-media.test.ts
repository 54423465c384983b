import { expect, test, vi } from 'vitest';
import { DEADLINE, connectPeer, marksAt, sendFrame, showKeyframe, startMediaServer } from './testing/media-peers.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Publishes a keyframe that somebody sees, and gives a viewer that comes after it. */
async function comeLate(url: string, path: string) {
  const publisher = await connectPeer('sendonly', `${url}/whip/${path}`);
  const early = await connectPeer('recvonly', `${url}/whep/${path}`);
  await showKeyframe(publisher, early, 1);
  return { publisher, late: await connectPeer('recvonly', `${url}/whep/${path}`) };
}

test('who comes late is shown the last keyframe, unless its path keeps none', async () => {
  const { url } = await startMediaServer({ paths: { 'bare/*': { keyframeCacheBytes: 0 } } });
  const kept = await comeLate(url, 'live/cam');
  await vi.waitUntil(() => kept.late.received.length > 0, DEADLINE);
  expect(marksAt(kept.late)[0]).toBe(1);

  const bare = await comeLate(url, 'bare/cam');
  for (let mark = 2; mark < 8; mark++) sendFrame(bare.publisher, mark, { key: false });
  await showKeyframe(bare.publisher, bare.late, 9);
  expect(marksAt(bare.late)[0]).toBe(9);
});

test('a stream whose path has a source is fetched from there for its viewers', async () => {
  const origin = await startMediaServer();
  const publisher = await connectPeer('sendonly', `${origin.url}/whip/live/cam`);
  const source = { whep: `${origin.url}/whep/live/{stream}` };
  const edge = await startMediaServer({ paths: { 'cdn/*': { source } }, streams: { noneReaderDelayMs: 50 } });
  const streams = async () => (await fetch(`${edge.url}/api/v1/streams`)).json();
  expect(await streams()).toEqual([]);

  const viewer = await connectPeer('recvonly', `${edge.url}/whep/cdn/cam`);
  await showKeyframe(publisher, viewer, 1);
  expect(await streams()).toMatchObject([{ app: 'cdn', stream: 'cam', origin: 'pull' }]);

  await viewer.close();
  await expect.poll(streams, DEADLINE).toEqual([]);
});
