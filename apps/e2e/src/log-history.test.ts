import type { RunningServer } from '@sluice/server';
import { LoopbackPeer } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const undo: (() => unknown)[] = [];
let browser: TestBrowser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startTestServer({ logs: { history: { enabled: true } } });
});

afterEach(async () => {
  for (const task of undo.splice(0).toReversed()) await task();
  await server.close();
});

async function openConsole(): Promise<Page> {
  const page = await browser.open();
  undo.push(() => page.context().close());
  await page.goto(`${server.url}/#logs`);
  return page;
}

/** A program that logs the plain way: a connection to each consumer, one entry per message. */
async function startProducer(systemName: string) {
  const peers = new Map<string, LoopbackPeer>();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/signaling`);
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const receive = async ({ type, consumer_id: consumer, from, sdp }: Readonly<Record<string, string>>): Promise<void> => {
    if (type === 'webrtc_answer') return peers.get(from ?? '')?.acceptAnswer(sdp ?? '');
    if (type !== 'consumer_connected' || consumer === undefined) return undefined;
    const peer = new LoopbackPeer({ direction: 'sendonly', kinds: [], channel: 'logs' });
    peers.set(consumer, peer);
    return send({ type: 'webrtc_offer', to: consumer, sdp: await peer.createOffer() });
  };
  socket.addEventListener('message', ({ data }) => void receive(JSON.parse(String(data))));
  socket.addEventListener('open', () => send({ type: 'register', role: 'producer', client_id: systemName }));
  const close = async (): Promise<void> => {
    socket.close();
    await Promise.all([...peers.values()].map((peer) => peer.close()));
  };
  undo.push(close);
  const connected = (count: number): Promise<unknown> => until(`${count} consumers are connected`, () => [...peers.values()].filter(({ channelOpen }) => channelOpen).length === count);
  await connected(1);
  const write = (message: string): void => {
    const entry = JSON.stringify({ timestamp: new Date().toISOString(), level: 'INFO', target: 'test', message });
    for (const peer of peers.values()) peer.sendMessage(entry);
  };
  return { write, close, connected };
}

it('a page that comes late shows what was logged before it, each line once, also of a program that is gone', async () => {
  const producer = await startProducer('shop');
  for (let line = 1; line <= 200; line++) producer.write(`line ${line}`);

  const page = await openConsole();
  await producer.connected(2);
  producer.write('and live');
  await page.getByText('201 received').waitFor();
  const shown = page.locator('.line');
  await until('the newest are in sight', async () => (await shown.last().textContent())?.includes('and live'));
  expect(await shown.nth(-2).textContent()).toContain('line 200');

  await producer.close();
  const late = await openConsole();
  await late.getByText('201 received').waitFor();
  await late.locator('.line').last().getByText('and live').waitFor();
});
