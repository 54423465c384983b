import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseIceServers } from './link-header.ts';
import { openSession } from './open-session.ts';
import { SignallingError } from './signalling-error.ts';

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';
const ANSWER = 'v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\n';
const CREATED = { 'content-type': 'application/sdp', location: '/session/1', etag: '"a"' };

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

async function startServer(handler: RequestListener) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => void see(request).then(() => handler(request, response)));
  const see = async (request: IncomingMessage): Promise<void> => {
    const { method, url: path, headers } = request;
    seen.push({ method, path, authorization: headers.authorization, type: headers['content-type'], ifMatch: headers['if-match'], body: await text(request) });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { seen, url: `http://127.0.0.1:${port}/whep/live/test`, server };
}

const failureOf = (opening: Promise<unknown>): Promise<unknown> => opening.then(() => 'opened', (error: unknown) => error);

test('posts the offer with its token, trickles with the ETag and deletes at the end', async () => {
  const { seen, url } = await startServer((request, response) => {
    const link = '<stun:stun.example:3478>; rel="ice-server", <turn:turn.example?transport=udp>; rel="ice-server"; username="u"; credential="a\\"b, c"';
    if (request.method === 'POST') response.writeHead(201, { ...CREATED, link }).end(ANSWER);
    else response.writeHead(request.method === 'PATCH' ? 204 : 200).end();
  });
  const session = await openSession(OFFER, { endpoint: url, token: 'secret' });
  expect(session.answer).toBe(ANSWER);
  expect(session.resource?.pathname).toBe('/session/1');
  expect(session.iceServers).toEqual([
    { urls: 'stun:stun.example:3478' },
    { urls: 'turn:turn.example?transport=udp', username: 'u', credential: 'a"b, c' },
  ]);
  expect(await session.trickle('a=end-of-candidates\r\n')).toBe(true);
  await session.close();
  expect(seen.map(({ method, path, authorization, type, ifMatch }) => [method, path, authorization, type, ifMatch])).toEqual([
    ['POST', '/whep/live/test', 'Bearer secret', 'application/sdp', undefined],
    ['PATCH', '/session/1', 'Bearer secret', 'application/trickle-ice-sdpfrag', '"a"'],
    ['DELETE', '/session/1', 'Bearer secret', undefined, undefined],
  ]);
  expect(seen[0]?.body).toBe(OFFER);
});

describe('an ICE restart', () => {
  const FRAGMENT = 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n';

  async function openOn(status: number, headers: Record<string, string>, body: string) {
    const { seen, url } = await startServer((request, response) => {
      if (request.method === 'POST') response.writeHead(201, CREATED).end(ANSWER);
      else response.writeHead(status, headers).end(status === 204 ? undefined : body);
    });
    return { seen, session: await openSession(OFFER, { endpoint: url }) };
  }

  test('brings the credentials of the server, and the tag for what comes after', async () => {
    const { seen, session } = await openOn(200, { etag: '"b"', 'content-type': 'application/trickle-ice-sdpfrag' }, 'a=ice-ufrag:new\r\n');
    expect(await session.restart(FRAGMENT)).toBe('a=ice-ufrag:new\r\n');
    await session.restart(FRAGMENT);
    expect(seen.slice(1)).toMatchObject([
      { method: 'PATCH', path: '/session/1', type: 'application/trickle-ice-sdpfrag', ifMatch: '"a"', body: FRAGMENT },
      { method: 'PATCH', ifMatch: '"b"' },
    ]);
  });

  test.each([204, 405, 415, 501])('is told from a server that answers %i to take none', async (status) => {
    const { session } = await openOn(status, {}, '');
    expect(await session.restart(FRAGMENT)).toBeUndefined();
  });

  test.each([404, 412])('fails with status %i', async (status) => {
    const { session } = await openOn(status, {}, '');
    await expect(session.restart(FRAGMENT)).rejects.toMatchObject({ failure: 'refused', status });
  });
});

test('follows 307 with the whole offer, and shows the token to no other origin', async () => {
  const other = await startServer((_request, response) => response.writeHead(201, CREATED).end(ANSWER));
  const { url } = await startServer((_request, response) => response.writeHead(307, { location: `${other.url}?moved` }).end());
  const session = await openSession(OFFER, { endpoint: url, token: 'secret' });
  expect(other.seen).toMatchObject([{ method: 'POST', path: '/whep/live/test?moved', authorization: undefined, body: OFFER }]);
  expect(session.resource?.origin).toBe(new URL(other.url).origin);
});

describe('a server that will not', () => {
  test.each([
    [401, { 'content-type': 'application/problem+json' }, '{"detail":"The token will not do."}', 'The token will not do.'],
    [404, { 'content-type': 'text/plain' }, 'no such stream\nat line 5', 'no such stream'],
    [503, { 'content-type': 'application/problem+json' }, '{', 'The server answered 503'],
  ])('answers %i, and is quoted in one line', async (status, headers, body, words) => {
    const { url } = await startServer((_request, response) => response.writeHead(status, { ...headers, 'retry-after': '7' }).end(body));
    const error = await failureOf(openSession(OFFER, { endpoint: url }));
    expect(error).toMatchObject({ failure: 'refused', status, retryAfterMs: 7000, message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('line 5');
  });

  test.each([
    ['with a redirect that loses the offer', 302, { location: '/elsewhere' }, '', 'redirect'],
    ['with a redirect to nowhere', 307, {}, '', 'redirect'],
    ['with a redirect to another protocol', 307, { location: 'file:///etc/passwd' }, '', 'redirect'],
    ['with a web page', 200, { 'content-type': 'text/html' }, '<html>', 'answer'],
    ['with nothing', 201, {}, '', 'answer'],
    ['endlessly', 201, CREATED, `v=0${'x'.repeat(2000)}`, 'answer'],
  ])('answers %s', async (_what, status, headers, body, failure) => {
    const { url } = await startServer((_request, response) => response.writeHead(status, headers).end(body));
    expect(await failureOf(openSession(OFFER, { endpoint: url, maxAnswerBytes: 1000 }))).toMatchObject({ failure });
  });

  test('redirects in a circle', async () => {
    const { url, seen } = await startServer((_request, response) => response.writeHead(307, { location: '/again' }).end());
    expect(await failureOf(openSession(OFFER, { endpoint: url, maxRedirects: 2 }))).toMatchObject({ failure: 'redirect' });
    expect(seen).toHaveLength(3);
  });

  test('hangs before its answer or within it', async () => {
    for (const begin of [false, true]) {
      const { url } = await startServer((_request, response) => {
        if (begin) response.writeHead(201, CREATED).write('v=0');
      });
      expect(await failureOf(openSession(OFFER, { endpoint: url, timeoutMs: 100 }))).toMatchObject({ failure: 'timeout' });
    }
  });

  test('hangs up, or is not there at all', async () => {
    const { url, server } = await startServer((request) => request.socket.destroy());
    expect(await failureOf(openSession(OFFER, { endpoint: url }))).toMatchObject({ failure: 'network' });
    server.close();
    await once(server, 'close');
    expect(await failureOf(openSession(OFFER, { endpoint: url }))).toMatchObject({ failure: 'network', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('made a session without an answer, which is deleted again', async () => {
    const { url, seen } = await startServer((request, response) => {
      if (request.method === 'POST') response.writeHead(201, { location: '/session/1' }).end('{}');
      else response.writeHead(200).end();
    });
    expect(await failureOf(openSession(OFFER, { endpoint: url }))).toMatchObject({ failure: 'answer' });
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });
});

test('is given up by its signal', async () => {
  const controller = new AbortController();
  const { url } = await startServer(() => controller.abort());
  expect(await failureOf(openSession(OFFER, { endpoint: url, signal: controller.signal }))).toMatchObject({ failure: 'aborted' });
});

test('a session that the server has ended is no error to end', async () => {
  const { url } = await startServer((request, response) => {
    if (request.method === 'POST') response.writeHead(201, CREATED).end(ANSWER);
    else response.writeHead(404).end();
  });
  const session = await openSession(OFFER, { endpoint: url });
  await expect(session.close()).resolves.toBeUndefined();
});

test('takes no URL of another protocol', async () => {
  for (const endpoint of ['file:///etc/passwd', 'whep', '']) expect(await failureOf(openSession(OFFER, { endpoint }))).toBeInstanceOf(SignallingError);
});

test('any Link header gives ICE servers or nothing', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('<', '>', ';', ',', '"', '\\', '=', 'rel', 'ice-server', 'stun:a', ' ', 'é') }), (header) => {
    for (const { urls } of parseIceServers(header)) expect(urls).toMatch(/^stun:/);
  }));
});
