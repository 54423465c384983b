import { fakeEngine } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import type { SessionInfo } from '../api/sessions.ts';
import { ADMIN_TOKEN, type FixtureOptions, OFFER, createFixture } from '../testing/fixture.ts';

const HERE = { address: '127.0.0.1', port: 5000 };
const AUTHORISED = { authorization: `Bearer ${ADMIN_TOKEN}` };

function create({ address = HERE.address, ...rest }: FixtureOptions['http'] & { address?: string } = {}) {
  return createFixture({ http: { clientAddress: () => ({ address, port: 5000 }), ...rest } });
}

type Fixture = Awaited<ReturnType<typeof create>>;

function ask({ app }: Fixture, path: string, headers: Record<string, string> = AUTHORISED, host = 'localhost:8080') {
  return app.request(`http://${host}${path}`, { headers });
}

async function list(fixture: Fixture): Promise<SessionInfo[]> {
  const sessions: unknown = await (await ask(fixture, '/api/v1/sessions')).json();
  return sessions as SessionInfo[];
}

async function open({ app, manager }: Fixture, type = 'push') {
  await app.request(`/index/api/webrtc?app=live&stream=a&type=${type}`, { method: 'POST', body: OFFER });
  return manager.sessions.list().at(-1)!;
}

test('a session is listed while it is open and for a while after its end, never with its token', async () => {
  await using fixture = await create();
  const { id, token } = await open(fixture);
  fixture.engine.lastTransport.setState('connected');
  const [listed] = await list(fixture);
  expect(listed).toMatchObject({ id, type: 'push', role: 'publisher', stream: { app: 'live', stream: 'a' }, client: HERE, state: 'connected' });
  expect(listed).not.toHaveProperty('endedAt');

  await fixture.manager.closeSession(id, 'enough');
  const response = await ask(fixture, `/api/v1/sessions/${id}`);
  const text = await response.text();
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(text).not.toContain(token);
  expect(JSON.parse(text)).toMatchObject({ id, state: 'closed', reason: 'enough', endedAt: expect.any(Number), diagnosis: { state: 'closed', localCandidates: [{ port: 8000 }] }, stats: { bytesSent: 0 } });
  expect(await list(fixture)).toEqual([expect.objectContaining({ id, reason: 'enough' })]);
});

test('lists the newest first, open ones before ended ones', async () => {
  await using fixture = await create();
  const ids = [];
  for (let index = 0; index < 4; index++) ids.push((await open(fixture, 'echo')).id);
  const [first, second, third, fourth] = ids;
  for (const id of [third, first]) await fixture.manager.closeSession(id!, 'enough');
  expect((await list(fixture)).map(({ id }) => id)).toEqual([fourth, second, first, third]);
});

test('an unknown session is a problem document', async () => {
  await using fixture = await create();
  const response = await ask(fixture, '/api/v1/sessions/nothing');
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

test('the media plane shows its candidates and counters', async () => {
  const stats = { ...fakeEngine().stats(), tier: 'native', packetsReceived: 2, dropped: { malformedStun: 5 } };
  const localCandidates = [{ protocol: 'udp', address: '192.0.2.7', port: 8000, type: 'host' }];
  await using fixture = await create({ engine: { port: 8000, localCandidates, stats: () => stats } });
  expect(await (await ask(fixture, '/api/v1/media')).json()).toEqual({ port: 8000, localCandidates, stats });
  await using without = await create();
  expect((await ask(without, '/api/v1/media')).status).toBe(404);
});

const PATHS = ['/api/v1/sessions', '/api/v1/sessions/x', '/api/v1/media'];

test.each<[string, Parameters<typeof create>[0], Record<string, string>, string?]>([
  ['another machine', { address: '192.0.2.1' }, {}],
  ['another machine with a wrong token', { address: '192.0.2.1' }, { authorization: 'Bearer wrong' }],
  ['anybody where no token is set', { adminToken: undefined }, { authorization: 'Bearer undefined' }],
  ['this machine with a wrong token', {}, { authorization: 'Bearer wrong' }],
  ['this machine without a token, which may be a proxy that says nothing of itself', {}, {}],
  ['this machine where no token is set, for the same reason', { adminToken: undefined }, {}],
  ['a page that reaches this machine by a name of its own', {}, {}, 'attacker.example'],
])('keeps out %s', async (_who, options, headers, host) => {
  await using fixture = await create(options);
  for (const path of PATHS) {
    const response = await ask(fixture, path, headers, host);
    expect([path, response.status]).toEqual([path, 401]);
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORISED' });
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  }
});

test.each(['192.0.2.1', '127.0.0.1', '::1'])('lets in who brings the token from %s', async (address) => {
  await using fixture = await create({ address });
  const response = await ask(fixture, '/api/v1/sessions', AUTHORISED, 'sluice.example');
  expect(response.status).toBe(200);
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
});

test('takes no other method', async () => {
  await using fixture = await create();
  const response = await fixture.app.request('http://localhost/api/v1/sessions', { method: 'DELETE', headers: AUTHORISED });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
