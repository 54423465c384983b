import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type AddressInfo } from 'node:net';
import type { RunningServer } from '@sluice/server';
import { LoopbackPeer } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

interface Told {
  readonly hook: string;
  readonly [field: string]: unknown;
}

let browser: TestBrowser;
let service: Server;
let server: RunningServer | undefined;
let told: Told[];
let isSilent = false;

/** Allows whoever has the key, and keeps what it is told. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hook = (request.url ?? '').slice(1);
  const body: { readonly params?: string } = JSON.parse(await text(request));
  told.push({ hook, ...body });
  const isQuestion = hook === 'on_publish';
  if (isSilent && !isQuestion) return;
  const isAllowed = !isQuestion || body.params?.includes('key=good') === true;
  response.end(JSON.stringify(isAllowed ? { code: 0 } : { code: -1, msg: 'This key does not open.' }));
}

function startService(): Promise<string> {
  service = createServer((request, response) => void answer(request, response));
  return new Promise((resolve) => {
    service.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(service.address() as AddressInfo).port}`));
  });
}

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

afterEach(async () => {
  await server?.close();
  server = undefined;
  isSilent = false;
  service.closeAllConnections();
  service.close();
});

async function start(): Promise<RunningServer> {
  told = [];
  const url = await startService();
  server = await startTestServer({
    rtc: { disconnectedAfterMs: 300, closedAfterMs: 600 },
    hooks: {
      onPublish: `${url}/on_publish`,
      onServerStarted: `${url}/on_server_started`,
      onStreamChanged: `${url}/on_stream_changed`,
      onFlowReport: `${url}/on_flow_report`,
      onServerExited: `${url}/on_server_exited`,
    },
  });
  return server;
}

const changes = (): unknown[] => told.filter(({ hook }) => hook === 'on_stream_changed').map(({ regist }) => regist);

async function publish(url: string, query: string): Promise<{ page: Page; status: number }> {
  const page = await browser.open();
  const options = { dialect: 'whip', url: `${url}/whip/live/a?${query}` } as const;
  const { status } = await page.evaluate((whip) => window.peer.publish('publisher', whip), options);
  return { page, status };
}

it('a service hears of one stop for each start of a browser that is killed and comes back, and of the end at last', async () => {
  const { url, close } = await start();
  const refused = await publish(url, 'key=bad');
  expect(refused.status).toBe(403);
  await refused.page.context().close();

  for (const round of [1, 2]) {
    const { page, status } = await publish(url, 'key=good');
    expect(status).toBe(201);
    await until('the stream is live', () => changes().length === round * 2 - 1);
    await page.context().close();
    await until('the stream has ended', () => changes().length === round * 2);
  }
  await close();
  expect(changes()).toEqual([true, false, true, false]);
  expect(told.filter(({ hook }) => hook === 'on_flow_report')).toMatchObject([{ player: false }, { player: false }]);
  expect(told.at(0)).toMatchObject({ hook: 'on_server_started' });
  expect(told.at(-1)).toMatchObject({ hook: 'on_server_exited' });
});

it('a browser plays on while the service answers nothing, and publishers come and go', async () => {
  const { url } = await start();
  const { page } = await publish(url, 'key=good');
  const viewer = await browser.open();
  await viewer.evaluate((whep) => window.peer.play('viewer', whep), { dialect: 'whip', url: `${url}/whep/live/a` } as const);
  await expectPlaying(viewer, 'viewer');
  isSilent = true;
  const others = await Promise.all(
    ['b', 'c', 'd'].map(async (stream) => {
      const peer = new LoopbackPeer({ direction: 'sendonly' });
      await peer.connect(`${url}/whip/live/${stream}?key=good`);
      return peer;
    }),
  );
  await until('all publishers are connected', () => others.every((peer) => peer.state === 'connected'));
  await Promise.all(others.map((peer) => peer.close()));
  await expectPlaying(viewer, 'viewer');
  await Promise.all([page.context().close(), viewer.context().close()]);
});
