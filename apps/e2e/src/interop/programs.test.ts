import type { RunningServer } from '@sluice/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from '../support/chromium.ts';
import { expectPlayback, expectPlaying } from '../support/playing.ts';
import { startTestServer } from '../support/test-server.ts';
import { startPeer } from './peer-process.ts';

let server: RunningServer;
let chromium: TestBrowser;

beforeAll(async () => {
  [server, chromium] = await Promise.all([startTestServer(), launchChromium()]);
});

afterAll(async () => {
  await chromium?.close();
  await server?.close();
});

describe.each([
  ['aiortc', 'VP8'],
  ['aiortc', 'H264'],
  ['gstreamer', 'VP8'],
  ['gstreamer', 'H264'],
] as const)('%s with %s', (name, videoCodec) => {
  const program = `${name}_peer.py` as const;

  it('publishes what Chromium plays', async () => {
    const stream = `live/from-${name}-${videoCodec}`;
    await using publisher = startPeer(program, 'publish', `${server.url}/whip/${stream}`, '--video', videoCodec);
    await publisher.connected();
    await using viewer = await chromium.open();
    const options = { url: `${server.url}/whep/${stream}`, dialect: 'whip' } as const;
    expect(await viewer.evaluate((whep) => window.peer.play('viewer', whep), options)).toMatchObject({ status: 201 });
    const playback = await expectPlaying(viewer, 'viewer');
    expect(playback.videoCodec).toBe(videoCodec);
  });

  it('plays what Chromium publishes', async () => {
    const stream = `live/to-${name}-${videoCodec}`;
    await using publisher = await chromium.open();
    const options = { url: `${server.url}/whip/${stream}`, dialect: 'whip', videoCodec } as const;
    expect(await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options)).toMatchObject({ status: 201 });
    await using viewer = startPeer(program, 'play', `${server.url}/whep/${stream}`);
    await expectPlayback(name, () => viewer.seen());
  });
});

it('gives a late viewer a picture from a publisher that has sent its only keyframe', async () => {
  const stream = 'live/one-keyframe';
  await using publisher = startPeer('aiortc_peer.py', 'publish', `${server.url}/whip/${stream}`, '--video', 'H264', '--one-keyframe');
  await publisher.connected();
  await using first = await chromium.open();
  const options = { url: `${server.url}/whep/${stream}`, dialect: 'whip' } as const;
  expect(await first.evaluate((whep) => window.peer.play('first', whep), options)).toMatchObject({ status: 201 });
  await expectPlaying(first, 'first');
  // By now the keyframe is surely gone by: only the server's cache can have it.
  await using late = await chromium.open();
  expect(await late.evaluate((whep) => window.peer.play('late', whep), options)).toMatchObject({ status: 201 });
  const playback = await expectPlaying(late, 'late');
  expect(playback.videoCodec).toBe('H264');
});
