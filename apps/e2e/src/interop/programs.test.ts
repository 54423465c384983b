import type { RunningServer } from '@sluice/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from '../support/chromium.ts';
import { expectPlayback, expectPlaying } from '../support/playing.ts';
import { startTestServer } from '../support/test-server.ts';
import { startPeer } from './peer-process.ts';

/** aiortc answers no keyframe request when it sends H264: a viewer waits for its next keyframe, 250 pictures apart. */
const DEADLINE_MS = 45_000;

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
    const playback = await expectPlaying(viewer, 'viewer', { deadlineMs: DEADLINE_MS });
    expect(playback.videoCodec).toBe(videoCodec);
  });

  it('plays what Chromium publishes', async () => {
    const stream = `live/to-${name}-${videoCodec}`;
    await using publisher = await chromium.open();
    const options = { url: `${server.url}/whip/${stream}`, dialect: 'whip', videoCodec } as const;
    expect(await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options)).toMatchObject({ status: 201 });
    await using viewer = startPeer(program, 'play', `${server.url}/whep/${stream}`);
    await expectPlayback(name, () => viewer.seen(), { deadlineMs: DEADLINE_MS });
  });
});
