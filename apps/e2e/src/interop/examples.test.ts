import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from '../support/chromium.ts';
import { startTestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { buildGo, runGo, runPython } from './example-process.ts';

let server: RunningServer;
let chromium: TestBrowser;
let folder: string;
const url = (endpoint: string) => `${server.url.replace('http', 'ws')}${endpoint}`;
const goProgram = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-go-'));
  [server, chromium] = await Promise.all([startTestServer({ demo: true, streams: { maxStreamWaitMs: 0 } }), launchChromium(), buildGo('logs', goProgram('logs')), buildGo('peer', goProgram('peer'))]);
});

afterAll(async () => {
  await chromium?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Registers a page as consumer and answers every producer; the lines stand in `window.lines`. */
function consume(page: Page, endpoint: string): Promise<void> {
  return page.evaluate(async (target) => {
    const lines: string[] = [];
    Object.assign(window, { lines });
    const socket = new WebSocket(target);
    const answer = async (from: string, sdp: string): Promise<void> => {
      const connection = new RTCPeerConnection();
      connection.addEventListener('datachannel', ({ channel }) => channel.addEventListener('message', ({ data }) => lines.push(data)));
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate) socket.send(JSON.stringify({ type: 'ice_candidate', to: from, candidate: candidate.candidate, sdpMLineIndex: candidate.sdpMLineIndex }));
      });
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await connection.setLocalDescription();
      socket.send(JSON.stringify({ type: 'webrtc_answer', to: from, sdp: connection.localDescription!.sdp }));
    };
    socket.addEventListener('message', ({ data }) => {
      const { type, from, sdp } = JSON.parse(data);
      if (type === 'webrtc_offer') void answer(from, sdp);
    });
    await new Promise((resolve) => {
      socket.addEventListener('open', resolve);
    });
    socket.send(JSON.stringify({ type: 'register', role: 'consumer', client_id: 'page', metadata: {} }));
  }, endpoint);
}

function linesOf(page: Page): Promise<{ level: string; target: string; message: string; timestamp: string }[]> {
  return page.evaluate(() => (window as unknown as { lines: string[] }).lines.map((line) => JSON.parse(line)));
}

it('Python plays the stream that the server shows who names none, and decodes its pictures', async () => {
  await using viewer = runPython('peer_client.py', url('/ws'), '--frames', '30');
  expect(await viewer.finish(), viewer.output).toBe(0);
  expect(viewer.output).toMatch(/^The first picture has [1-9]\d+ x [1-9]\d+ pixels\.$/m);
  expect(viewer.output).toContain('30 pictures were decoded.');
});

it('Python reads why the server does not play, and leaves with an error', async () => {
  await using viewer = runPython('peer_client.py', url('/ws'), '--stream', 'live/nothing');
  expect(await viewer.finish()).toBe(1);
  expect(viewer.output).toContain('The server says: STREAM_NOT_FOUND: ');
});

it('Go says hello, pings as often as the server wants, and reads the figures of the server', async () => {
  await using client = runGo(goProgram('peer'), '-url', url('/ws'), '-pings', '1');
  expect(await client.finish(), client.output).toBe(0);
  expect(client.output).toMatch(/^welcome: ping every 30s\npong 1 after \d+ ms\nstats: system map\[.*memory_rss:.*\], network map\[.*messages_received:.*\]\n$/);
});

it('a page gets all lines of a Python producer in their order, also those from before it came, and Go sees who logs', async () => {
  const endpoint = url('/signaling');
  await using watcher = runGo(goProgram('logs'), '-url', endpoint);
  await watcher.says('registered as go-');
  await using producer = runPython('log_producer.py', endpoint, '--system', 'shop', '--patience', '20');
  await watcher.says(/came shop-\S+ of shop/);

  producer.write(Array.from({ length: 500 }, (_, n) => `early ${n}\n`).join(''));
  await using page = await chromium.open();
  await consume(page, endpoint);
  await until('the page has the early lines', async () => (await linesOf(page)).length === 500);
  producer.write(Array.from({ length: 500 }, (_, n) => `late ${n}\n`).join(''));
  expect(await producer.finish()).toBe(0);
  await until('the page has all lines', async () => (await linesOf(page)).length >= 1_000);

  const lines = await linesOf(page);
  expect(lines.map(({ message }) => message)).toEqual(['early', 'late'].flatMap((when) => Array.from({ length: 500 }, (_, n) => `${when} ${n}`)));
  expect(lines[0]).toMatchObject({ level: 'INFO', target: 'shop', timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/) });
  expect(producer.output).toContain('0 entries were dropped,');
  await watcher.says(/went shop-/);
});

it('a Python producer keeps the latest lines that its buffer holds, and counts those that nobody had', async () => {
  const endpoint = url('/signaling');
  await using producer = runPython('log_producer.py', endpoint, '--system', 'till', '--buffer', '100', '--patience', '20');
  producer.write(Array.from({ length: 150 }, (_, n) => `early ${n}\n`).join(''));
  await producer.says('Registered');
  await using page = await chromium.open();
  const exited = producer.finish();
  await consume(page, endpoint);
  await until('the page has the latest lines', async () => (await linesOf(page)).length >= 100);
  expect(await exited, producer.output).toBe(0);
  expect((await linesOf(page)).map(({ message }) => message)).toEqual(Array.from({ length: 100 }, (_, n) => `early ${n + 50}`));
  expect(producer.output).toContain('50 entries were dropped, 0 were missed by single pages.');
});
