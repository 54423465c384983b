import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectPeer, showKeyframe, startMediaServer } from './testing/media-peers.ts';

vi.setConfig({ testTimeout: 60_000 });

const answer = (status: number, headers: Record<string, string> = {}): RequestListener => (_request, response) => void response.writeHead(status, headers).end();
const hang: RequestListener = () => undefined;
/** Says that it has created a session, and dies in the middle of saying which. */
const breakOff: RequestListener = (_request, response) => {
  response.writeHead(201, { 'content-type': 'application/sdp', 'content-length': '1000', location: '/session' });
  response.write('v=0\r\n', () => response.destroy());
};

/** A server that pulls through a scripted one; the last script stays. */
async function startEdge(...scripts: RequestListener[]) {
  let asked = 0;
  const front = createServer((request, response) => {
    asked += 1;
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    request.resume().on('end', () => script?.(request, response));
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  const { port } = front.address() as AddressInfo;
  const source = { whep: `http://127.0.0.1:${port}/whep/live/{stream}` };
  const edge = await startMediaServer({ paths: { 'cdn/*': { source } }, pull: { backoffMs: 1, maxBackoffMs: 2_000, requestTimeoutMs: 500 }, streams: { maxStreamWaitMs: 20_000 } });
  return { url: `${edge.url}/whep/cdn/cam`, asked: () => asked, setScripts: (...next: RequestListener[]) => scripts.splice(0, Infinity, ...next) };
}

test('a viewer sees a stream that is pulled past all that goes wrong, and again after it broke off', async () => {
  const origin = await startMediaServer();
  const publisher = await connectPeer('sendonly', `${origin.url}/whip/live/cam`);
  const toOrigin = answer(307, { location: `${origin.url}/whep/live/cam` });
  const edge = await startEdge(answer(404), answer(503, { 'retry-after': '0' }), hang, breakOff, toOrigin);
  const viewer = await connectPeer('recvonly', edge.url);
  await showKeyframe(publisher, viewer, 1);

  edge.setScripts(answer(503), hang, toOrigin);
  const headers = { authorization: `Bearer ${origin.adminToken}` };
  const sessions = async () => (await (await fetch(`${origin.url}/api/v1/sessions`, { headers })).json()) as { id: string; role: string }[];
  const pulling = (await sessions()).find(({ role }) => role === 'viewer');
  await fetch(`${origin.url}/api/v1/sessions/${pulling?.id}`, { method: 'DELETE', headers });
  await showKeyframe(publisher, viewer, 2);
  expect((await sessions()).filter(({ role }) => role === 'viewer')).toMatchObject([{ state: 'connected' }, { id: pulling?.id, state: 'closed' }]);
  expect(viewer.state).toBe('connected');
});

test.each([
  ['401', answer(401), 1],
  ['a redirect that loses the offer', answer(302, { location: '/elsewhere' }), 1],
  ['redirects in a circle', answer(307, { location: '/whep/live/cam' }), 4],
])('a viewer is refused after %s, and nobody is asked again', async (_what, script, requests) => {
  const edge = await startEdge(script);
  await expect(connectPeer('recvonly', edge.url)).rejects.toThrow('could not be started');
  expect(edge.asked()).toBe(requests);
});
