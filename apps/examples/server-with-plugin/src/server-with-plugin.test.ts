import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Report } from '@sluice-examples/stream-key';
import { play, publish } from '@sluice-examples/testing';
import { loadConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { type RunningServer, startServer } from '@sluice/server';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const CWD = fileURLToPath(new URL('..', import.meta.url));
const KEY = 'open sesame';
const DEADLINE = { timeout: 20_000, interval: 20 };

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => vi.stubEnv('STREAM_KEY', KEY));
afterEach(() => vi.unstubAllEnvs());

/** Starts the server as `sluice --config <file>` does, on free ports. */
async function startConfigured(file: string): Promise<RunningServer & AsyncDisposable> {
  const flags = { config: file, 'http-port': '0', 'rtc-port': '0', 'no-demo': true };
  const { config, folder } = await loadConfig({ cwd: CWD, flags });
  const server = await startServer(config, { folder, logger: silentLogger });
  return { ...server, [Symbol.asyncDispose]: server.close };
}

describe.each([
  ['by its package name', 'sluice.config.ts'],
  ['by its path', 'sluice.yaml'],
])('the plugin, loaded %s', (_how, file) => {
  test('lets nobody play without the key', async () => {
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startConfigured(file));
    opened.use(await publish(`${server.url}/whip/live/cam`));
    await expect(play(`${server.url}/whep/live/cam`)).rejects.toThrow(/ 403: .*This stream is locked: add \?key=… to its address\./);
    await expect(play(`${server.url}/whep/live/cam?key=wrong`)).rejects.toThrow(/ 403: .*This key does not open the stream\./);
  });

  test('lets those play who have it', async () => {
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startConfigured(file));
    opened.use(await publish(`${server.url}/whip/live/cam`));
    const viewer = opened.use(await play(`${server.url}/whep/live/cam?key=${encodeURIComponent(KEY)}`));
    await expect.poll(() => viewer.peer.received.length, DEADLINE).toBeGreaterThan(10);
  });

  test('tells a recorder what a stream carries, and when it ends', async () => {
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startConfigured(file));
    const publisher = opened.use(await publish(`${server.url}/whip/live/cam`));
    const recorder = opened.adopt(new LoopbackPeer({ direction: 'recvonly', kinds: [], channel: 'stats' }), (peer) => peer.close());
    const session = await connectRecorder(server.url, recorder);

    const lastReport = (): Report | undefined => {
      const message = recorder.messages.at(-1);
      return message === undefined ? undefined : JSON.parse(message.toString());
    };
    await expect.poll(() => lastReport()?.tracks.map(({ codec }) => codec), DEADLINE).toEqual(['opus', 'VP8']);
    await expect.poll(() => lastReport()?.tracks[1]?.keyframes, DEADLINE).toBeGreaterThan(1);
    const [audio, video] = lastReport()!.tracks;
    expect(audio).toMatchObject({ packets: audio!.bytes / 3, keyframes: 0 });
    expect(video!.packets).toBeGreaterThan(5 * video!.keyframes);

    const overHttp = (await (await fetch(`${server.url}/record-stats/${session}`)).json()) as Report;
    expect(overHttp.tracks[0]!.packets).toBeGreaterThanOrEqual(audio!.packets);

    await fetch(publisher.session, { method: 'DELETE' });
    await expect.poll(() => lastReport()?.ended, DEADLINE).toBeTypeOf('string');
    expect((await fetch(`${server.url}/record-stats/${session}`)).status).toBe(404);
  });
});

test('without a key in the environment the server does not start, and says why', async () => {
  const cli = fileURLToPath(new URL('cli.ts', import.meta.resolve('@sluice/server')));
  const run = promisify(execFile)(process.execPath, [cli, '--config', 'sluice.config.ts'], { cwd: CWD, env: { ...process.env, STREAM_KEY: '' } });
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('needs the option key') });
});

/** @returns the id of the session */
async function connectRecorder(url: string, peer: LoopbackPeer): Promise<string> {
  const query = new URLSearchParams({ app: 'live', stream: 'cam', type: 'record-stats', key: KEY });
  const response = await fetch(`${url}/index/api/webrtc?${query.toString()}`, { method: 'POST', body: await peer.createOffer() });
  const answer = (await response.json()) as { code: number; msg?: string; id: string; sdp: string };
  if (answer.code !== 0) throw new Error(answer.msg);
  await peer.acceptAnswer(answer.sdp);
  return answer.id;
}
