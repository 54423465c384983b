import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openZlmSession } from './open-zlm-session.ts';

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';
const ANSWER = 'v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\n';

async function startServer(status: number, body: string) {
  const seen: unknown[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    seen.push({ method, url, type: headers['content-type'], authorization: headers.authorization, offer: await text(request) });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index/api/webrtc?app=live&stream=a&type=play` };
}

test('posts the offer as plain text, which a page may without a preflight, and reads the answer', async () => {
  const { endpoint, seen } = await startServer(200, JSON.stringify({ code: 0, id: 'x', sdp: ANSWER, type: 'answer' }));
  const session = await openZlmSession(OFFER, { endpoint });
  expect(session).toMatchObject({ answer: ANSWER, resource: undefined, iceServers: [] });
  expect(await session.trickle('a=end-of-candidates\r\n')).toBe(false);
  expect(await session.restart('')).toBeUndefined();
  await session.close();
  expect(seen).toEqual([{ method: 'POST', url: '/index/api/webrtc?app=live&stream=a&type=play', type: 'text/plain;charset=utf-8', authorization: undefined, offer: OFFER }]);
});

test('sends a token', async () => {
  const { endpoint, seen } = await startServer(200, JSON.stringify({ code: 0, sdp: ANSWER }));
  await openZlmSession(OFFER, { endpoint, token: 'secret' });
  expect(seen).toMatchObject([{ authorization: 'Bearer secret' }]);
});

test.each([
  ['{"code":-400,"msg":"stream not found"}', 200, { failure: 'refused', code: -400, words: 'stream not found', message: 'The server refused with code -400: stream not found' }],
  ['{"code":-300,"msg":"one\\ntwo"}', 200, { failure: 'refused', code: -300, words: 'one' }],
  ['{"code":-1}', 200, { failure: 'refused', code: -1, words: undefined }],
  ['{"code":0}', 200, { failure: 'answer', code: 0 }],
  ['{"code":"0","sdp":"v=0"}', 200, { failure: 'answer' }],
  ['[]', 200, { failure: 'answer' }],
  ['null', 200, { failure: 'answer' }],
  ['<html>', 200, { failure: 'answer' }],
  ['no', 503, { failure: 'refused', status: 503 }],
])('a reply %s is an error that says so', async (body, status, error) => {
  const { endpoint } = await startServer(status, body);
  await expect(openZlmSession(OFFER, { endpoint })).rejects.toMatchObject(error);
});
