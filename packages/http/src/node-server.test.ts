import { connect } from 'node:net';
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { describe, expect, test } from 'vitest';
import { type Fixture, OFFER, createFixture } from './testing/fixture.ts';

const PUSH = '/index/api/webrtc?app=live&stream=cam&type=push';

/** Serves the fixture's app on a free port of the loopback. */
async function listen(fixture: Fixture) {
  const server = serve({ fetch: fixture.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

describe('served by @hono/node-server', () => {
  test('a session learns the address of its client and the host it was asked for', async () => {
    await using fixture = await createFixture();
    await using server = await listen(fixture);
    const reply = await fetch(server.url + PUSH, { method: 'POST', body: OFFER });
    expect(await reply.json()).toMatchObject({ code: 0 });
    expect(fixture.requests[0]).toMatchObject({
      remote: { address: '127.0.0.1', port: expect.any(Number) },
      url: expect.stringMatching(`^rtc://127.0.0.1:${server.port}/live/cam`),
    });
    expect(fixture.requests[0]!.remote.port).toBeGreaterThan(0);
  });

  test('a client that hangs up aborts its negotiation', async () => {
    await using fixture = await createFixture();
    const asked = Promise.withResolvers<AbortSignal>();
    fixture.manager.hook('publish', (_request, signal) => {
      asked.resolve(signal);
      return new Promise(() => undefined);
    });
    await using server = await listen(fixture);
    const controller = new AbortController();
    const reply = fetch(server.url + PUSH, { method: 'POST', body: OFFER, signal: controller.signal }).catch(() => undefined);
    const signal = await asked.promise;
    controller.abort();
    await reply;
    if (!signal.aborted) await once(signal, 'abort');
    expect(fixture.manager.sessions.size).toBe(0);
  });

  test('a chunked body over the limit is answered before it ends', async () => {
    await using fixture = await createFixture({ http: { maxBodyBytes: 1_000 } });
    await using server = await listen(fixture);
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /whip/live/cam HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write(`7d0\r\n${'x'.repeat(2_000)}\r\n`);
    const [head] = await once(socket, 'data');
    socket.destroy();
    expect(String(head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each(['POST //whip/live/cam HTTP/1.1\r\nHost: x', 'POST /whip/live/cam HTTP/1.1\r\nHost: ]a b[', 'PATCH * HTTP/1.1\r\nHost: x'])(
    'a strange request gets an answer: %j',
    async (head) => {
      await using fixture = await createFixture();
      await using server = await listen(fixture);
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`${head}\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\nabc`);
      const [answer] = await once(socket, 'data');
      socket.destroy();
      expect(String(answer)).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    },
  );
});
