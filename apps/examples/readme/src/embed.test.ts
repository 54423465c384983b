import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { play, publish } from '@sluice-examples/testing';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { addMedia } from './embed.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };

test('the embedded server forwards media, beside the routes of its host', async () => {
  await using opened = new AsyncDisposableStack();
  const app = new Hono().get('/', (c) => c.text('mine'));
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  opened.defer(() => void server.close());
  opened.defer(await addMedia(app, 0));
  if (!server.listening) await once(server, 'listening');

  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  expect(await (await fetch(url)).text()).toBe('mine');
  opened.use(await publish(`${url}/media/whip/live/cam`));
  const viewer = opened.use(await play(`${url}/media/whep/live/cam`));
  await expect.poll(() => viewer.peer.received.length, DEADLINE).toBeGreaterThan(10);
}, 30_000);
