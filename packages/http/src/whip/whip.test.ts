import { MediaError, deny, parseIceFragment } from '@sluice/core';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { FIRST_ANSWER, type Fixture, OFFER, UFRAG, createFixture } from '../testing/fixture.ts';

const CANDIDATE = '1 1 udp 2130706431 192.0.2.1 50000 typ host';
const FRAGMENT = `a=ice-ufrag:${UFRAG}\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:${CANDIDATE}\r\n`;

function offer(body: string | Uint8Array | ReadableStream = OFFER, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', body, headers: { 'content-type': 'application/sdp', ...headers } };
}

function patch(body: string | Uint8Array | ReadableStream = FRAGMENT, headers: Record<string, string> = {}): RequestInit {
  return { method: 'PATCH', body, headers: { 'content-type': 'application/trickle-ice-sdpfrag', ...headers } };
}

/** Publishes live/cam and gives where its session is. */
async function publish(fixture: Fixture): Promise<{ location: string; etag: string }> {
  const response = await fixture.app.request('/whip/live/cam', offer());
  expect(response.status).toBe(201);
  return { location: response.headers.get('location')!, etag: response.headers.get('etag')! };
}

describe('POST', () => {
  test('WHIP: 201 with answer, Location, strong ETag and Accept-Patch', async () => {
    await using fixture = await createFixture();
    const response = await fixture.app.request('/whip/live/cam', offer());
    const [record] = fixture.manager.sessions.list();
    expect(response.status).toBe(201);
    expect(await response.text()).toBe(FIRST_ANSWER);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(response.headers.get('location')).toBe(`/whip/session/${record!.id}/${record!.token}`);
    expect(response.headers.get('etag')).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(response.headers.get('accept-patch')).toBe('application/trickle-ice-sdpfrag');
    expect(response.headers.has('link')).toBe(false);
    expect(record).toMatchObject({ type: 'push', role: 'publisher', protocol: 'whip' });
  });

  test('WHEP: 201 for a stream that is live', async () => {
    await using fixture = await createFixture();
    await publish(fixture);
    const response = await fixture.app.request('/whep/live/cam?quality=high', offer());
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toMatch(/^\/whep\/session\//);
    expect(fixture.requests[1]).toMatchObject({ type: 'play', protocol: 'whep', app: 'live', stream: 'cam', query: 'quality=high' });
  });

  test('names are decoded', async () => {
    await using fixture = await createFixture();
    await fixture.app.request('/whip/my%20app/caf%C3%A9', offer());
    expect(fixture.requests[0]).toMatchObject({ app: 'my app', stream: 'café' });
  });

  test('mounted under a prefix, the Location has it too and leads to the session', async () => {
    await using fixture = await createFixture();
    const outer = new Hono().route('/media', fixture.app);
    const response = await outer.request('/media/whip/live/cam', offer());
    const location = response.headers.get('location')!;
    expect(location).toMatch(/^\/media\/whip\/session\//);
    expect((await outer.request(location, { method: 'DELETE' })).status).toBe(200);
  });

  test('ICE servers come in one Link header', async () => {
    const iceServers = [
      { urls: ['stun:stun.example.net', 'stun:stun2.example.net:3478'] },
      { urls: 'turn:turn.example.net?transport=udp', username: 'us"er', credential: 'pass\\word' },
    ];
    await using fixture = await createFixture({ http: { iceServers } });
    const response = await fixture.app.request('/whip/live/cam', offer());
    expect(response.headers.get('link')).toBe(
      '<stun:stun.example.net>; rel="ice-server", <stun:stun2.example.net:3478>; rel="ice-server", ' +
        String.raw`<turn:turn.example.net?transport=udp>; rel="ice-server"; username="us\"er"; credential="pass\\word"; credential-type="password"`,
    );
  });

  test.each([
    { what: 'another type', init: offer(OFFER, { 'content-type': 'text/plain' }), status: 415 },
    { what: 'no type', init: { method: 'POST', body: new TextEncoder().encode(OFFER) }, status: 415 },
    { what: 'type with a parameter', init: offer(OFFER, { 'content-type': 'Application/SDP; charset=utf-8' }), status: 201 },
    { what: 'an empty body', init: offer(''), status: 400 },
    { what: 'garbage', init: offer('garbage'), status: 400 },
    { what: 'an offer with bytes that are not UTF-8', init: offer(Buffer.from(OFFER.replace('s=-', 's=\u00e9'), 'latin1')), status: 400 },
    { what: '1 MB', init: offer('x'.repeat(1_000_000)), status: 413 },
  ])('$what: $status', async ({ init, status }) => {
    await using fixture = await createFixture();
    expect((await fixture.app.request('/whip/live/cam', init)).status).toBe(status);
  });

  test('a body without end is answered at the limit, read out for a while, and given up', async () => {
    await using fixture = await createFixture({ http: { maxBodyBytes: 10_000 } });
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_000;
        controller.enqueue(new Uint8Array(1_000).fill(0x61));
      },
      cancel() {
        cancelled = true;
      },
    });
    const init = { ...offer(body), duplex: 'half' } as RequestInit;
    expect((await fixture.app.request('/whip/live/cam', init)).status).toBe(413);
    await expect.poll(() => cancelled).toBe(true);
    expect(sent).toBeLessThan(200_000);
  });

  test('a body that breaks off makes no session', async () => {
    await using fixture = await createFixture();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(OFFER));
        controller.error(new Error('connection lost'));
      },
    });
    const init = { ...offer(body), duplex: 'half' } as RequestInit;
    expect((await fixture.app.request('/whip/live/cam', init)).status).toBe(499);
    expect(fixture.manager.sessions.size).toBe(0);
  });

  test('401 asks for a token, 403 does not', async () => {
    await using fixture = await createFixture();
    fixture.manager.hook('publish', ({ credentials }) =>
      credentials.token === undefined ? deny('a token is needed', 401) : deny('not you'),
    );
    const anonymous = await fixture.app.request('/whip/live/cam', offer());
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
    expect(await anonymous.json()).toMatchObject({ status: 401, title: 'Unauthorized', detail: 'a token is needed' });

    const known = await fixture.app.request('/whip/live/cam', offer(OFFER, { authorization: 'Bearer abc' }));
    expect(known.status).toBe(403);
    expect(known.headers.has('www-authenticate')).toBe(false);
    expect(await known.json()).toMatchObject({ detail: 'not you' });
  });

  test.each([
    { authorization: 'Bearer abc', query: '' },
    { authorization: `Basic ${btoa('user:abc')}`, query: '' },
    { authorization: undefined, query: '?token=abc' },
  ])('a token that will not do is named as the reason ($authorization$query)', async ({ authorization, query }) => {
    await using fixture = await createFixture();
    fixture.manager.hook('publish', ({ credentials }) => (credentials.token === 'abc' ? deny('expired', 401) : undefined));
    const response = await fixture.app.request(`/whip/live/cam${query}`, offer(OFFER, authorization === undefined ? {} : { authorization }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  test('an unknown stream is 404, a second publisher 409', async () => {
    await using fixture = await createFixture();
    expect((await fixture.app.request('/whep/live/cam', offer())).status).toBe(404);
    await publish(fixture);
    expect((await fixture.app.request('/whip/live/cam', offer())).status).toBe(409);
  });

  test('overload and a closing server are 503 with Retry-After', async () => {
    await using fixture = await createFixture({ manager: { limits: { maxSessions: 1 } } });
    await publish(fixture);
    const overload = await fixture.app.request('/whip/live/other', offer());
    expect(overload.status).toBe(503);
    expect(Number(overload.headers.get('retry-after'))).toBeGreaterThan(0);

    await fixture.manager.close();
    const closing = await fixture.app.request('/whip/live/other', offer());
    expect(closing.status).toBe(503);
    expect(closing.headers.has('retry-after')).toBe(true);
  });
});

describe('other methods of the endpoint', () => {
  test.each(['/whip/live/cam', '/whep/live/cam'])('GET and HEAD %s: 2xx without body', async (path) => {
    await using fixture = await createFixture();
    for (const method of ['GET', 'HEAD']) {
      const response = await fixture.app.request(path, { method });
      expect(response.ok).toBe(true);
      expect(await response.text()).toBe('');
    }
  });

  test('a WHEP HEAD says application/sdp', async () => {
    await using fixture = await createFixture();
    const response = await fixture.app.request('/whep/live/cam', { method: 'HEAD' });
    expect(response.headers.get('content-type')).toBe('application/sdp');
  });

  test('OPTIONS says what may be posted, also to a preflight', async () => {
    await using fixture = await createFixture();
    const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
    for (const init of [{ method: 'OPTIONS' }, { method: 'OPTIONS', headers }]) {
      const response = await fixture.app.request('/whip/live/cam', init);
      expect(response.status).toBe(204);
      expect(response.headers.get('accept-post')).toBe('application/sdp');
    }
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s: 405 with Allow', async (method) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request('/whip/live/cam', { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  });
});

describe('PATCH of the session', () => {
  test('candidates with the current tag: 204, no body, no ETag', async () => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const response = await fixture.app.request(location, patch(FRAGMENT, { 'if-match': etag }));
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(response.headers.has('etag')).toBe(false);
    expect(fixture.engine.transports[0]!.candidates).toMatchObject([{ candidate: CANDIDATE, mid: '0' }]);
  });

  test.each(['*', '"other", CURRENT', 'CURRENT'])('If-Match: %s is taken', async (ifMatch) => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const headers = { 'if-match': ifMatch.replace('CURRENT', etag) };
    expect((await fixture.app.request(location, patch(FRAGMENT, headers))).status).toBe(204);
  });

  test.each(['"stale"', 'W/CURRENT', 'stale', ''])('If-Match: %s is stale', async (ifMatch) => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const headers = { 'if-match': ifMatch.replace('CURRENT', etag) };
    expect((await fixture.app.request(location, patch(FRAGMENT, headers))).status).toBe(412);
    expect(fixture.engine.transports[0]!.candidates).toEqual([]);
  });

  test('without If-Match the current username fragment is enough', async () => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    expect((await fixture.app.request(location, patch())).status).toBe(204);
    const withoutUfrag = FRAGMENT.replace(/^a=ice-.*\r\n/gm, '');
    expect((await fixture.app.request(location, patch(withoutUfrag))).status).toBe(428);
  });

  test('strictIfMatch asks for it', async () => {
    await using fixture = await createFixture({ http: { strictIfMatch: true } });
    const { location, etag } = await publish(fixture);
    expect((await fixture.app.request(location, patch())).status).toBe(428);
    expect((await fixture.app.request(location, patch(FRAGMENT, { 'if-match': etag }))).status).toBe(204);
  });

  test.each([
    { what: 'another type', init: patch(FRAGMENT, { 'content-type': 'application/sdp' }), status: 415 },
    { what: 'garbage', init: patch('garbage'), status: 400 },
    { what: 'an empty fragment', init: patch(''), status: 400 },
    { what: 'bytes that are not UTF-8', init: patch(Uint8Array.of(0xff)), status: 400 },
    { what: '1 MB', init: patch('a=x\r\n'.repeat(200_000)), status: 413 },
  ])('$what: $status', async ({ init, status }) => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    expect((await fixture.app.request(location, init)).status).toBe(status);
    expect(fixture.manager.sessions.size).toBe(1);
  });

  test('a session that takes no candidates: 405, and no Accept-Patch', async () => {
    await using fixture = await createFixture();
    fixture.manager.setListener((session) => {
      Object.assign(session, { trickle: undefined });
    });
    const response = await fixture.app.request('/whip/live/cam', offer());
    expect(response.headers.has('accept-patch')).toBe(false);
    expect((await fixture.app.request(response.headers.get('location')!, patch())).status).toBe(405);
  });
});

describe('ICE restart', () => {
  const RESTART = FRAGMENT.replace(UFRAG, 'fresh');

  test.each(['*', 'CURRENT'])('If-Match: %s: 200 with our new credentials, candidates, their end, and a new tag', async (ifMatch) => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const response = await fixture.app.request(location, patch(RESTART, { 'if-match': ifMatch.replace('CURRENT', etag) }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/trickle-ice-sdpfrag');
    expect(parseIceFragment(await response.text())).toEqual({
      usernameFragment: 'local1',
      password: 'fakefakefakefakefakefake',
      candidates: [{ candidate: expect.stringContaining('typ host'), mid: '0' }, { candidate: '', mid: '0' }],
    });
    expect(response.headers.get('etag')).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(response.headers.get('etag')).not.toBe(etag);
    expect(fixture.engine.transports[0]!.restarts).toMatchObject([
      { usernameFragment: 'fresh', password: 'abcdefghijklmnopqrstuv', candidates: [{ candidate: CANDIDATE, mid: '0' }] },
    ]);
    expect(fixture.manager.sessions.size).toBe(1);
  });

  test('afterwards the old tag is 412, and the new one trickles and restarts', async () => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const restarted = await fixture.app.request(location, patch(RESTART, { 'if-match': etag }));
    const renewed = { 'if-match': restarted.headers.get('etag')! };
    expect((await fixture.app.request(location, patch(RESTART, { 'if-match': etag }))).status).toBe(412);
    expect((await fixture.app.request(location, patch(RESTART, renewed))).status).toBe(204);
    const again = FRAGMENT.replace(UFRAG, 'again');
    expect((await fixture.app.request(location, patch(again, { 'if-match': etag }))).status).toBe(412);
    expect((await fixture.app.request(location, patch(again, renewed))).status).toBe(200);
    expect(fixture.engine.transports[0]!.restarts).toHaveLength(2);
  });

  test('of two at once with one tag, one goes through', async () => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const restart = async (name: string) => (await fixture.app.request(location, patch(FRAGMENT.replace(UFRAG, name), { 'if-match': etag }))).status;
    expect((await Promise.all([restart('one1'), restart('two2')])).toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect(fixture.engine.transports[0]!.restarts).toHaveLength(1);
  });

  test('without If-Match it is taken, for clients that cannot send it; strictIfMatch asks for it', async () => {
    await using lenient = await createFixture();
    const { location } = await publish(lenient);
    const response = await lenient.app.request(location, patch(RESTART));
    expect(response.status).toBe(200);
    expect(response.headers.has('etag')).toBe(true);

    await using strict = await createFixture({ http: { strictIfMatch: true } });
    const published = await publish(strict);
    expect((await strict.app.request(published.location, patch(RESTART))).status).toBe(428);
    expect(strict.engine.transports[0]!.restarts).toEqual([]);
  });

  test.each([
    { what: 'no password', init: patch('a=ice-ufrag:fresh\r\n', { 'if-match': '*' }), status: 400 },
    { what: 'a short password', init: patch('a=ice-ufrag:fresh\r\na=ice-pwd:short\r\n', { 'if-match': '*' }), status: 400 },
    { what: 'a bad candidate', init: patch(RESTART.replace('typ host', 'typ'), { 'if-match': '*' }), status: 400 },
    { what: 'another type', init: patch(RESTART, { 'if-match': '*', 'content-type': 'application/sdp' }), status: 415 },
    { what: 'a stale tag', init: patch(RESTART, { 'if-match': '"stale"' }), status: 412 },
    { what: 'a weak tag', init: patch(RESTART, { 'if-match': 'W/"stale"' }), status: 412 },
  ])('$what: $status, and the session stays as it is', async ({ init, status }) => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    expect((await fixture.app.request(location, init)).status).toBe(status);
    expect(fixture.engine.transports[0]!).toMatchObject({ state: 'new', restarts: [] });
    expect((await fixture.app.request(location, patch(FRAGMENT, { 'if-match': etag }))).status).toBe(204);
  });

  test('one that fails leaves session and tag as they are', async () => {
    await using fixture = await createFixture();
    const { location, etag } = await publish(fixture);
    const [transport] = fixture.engine.transports;
    transport!.restartError = new MediaError('ICE_GENERATION_STALE', 'used before');
    const response = await fixture.app.request(location, patch(RESTART, { 'if-match': '*' }));
    expect(response.status).toBe(412);
    expect(await response.json()).toMatchObject({ code: 'ICE_GENERATION_STALE', detail: 'used before' });
    expect(transport!.state).toBe('new');
    expect((await fixture.app.request(location, patch(FRAGMENT, { 'if-match': etag }))).status).toBe(204);
  });

  test('a session that cannot is 501 and stays up', async () => {
    await using fixture = await createFixture();
    fixture.manager.setListener((session) => {
      Object.assign(session, { restartIce: undefined });
    });
    const { location } = await publish(fixture);
    expect((await fixture.app.request(location, patch(RESTART, { 'if-match': '*' }))).status).toBe(501);
    expect((await fixture.app.request(location, patch())).status).toBe(204);
  });

  test('an unknown session is 404, a wrong token 401', async () => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    expect((await fixture.app.request('/whip/session/unknown/token', patch(RESTART, { 'if-match': '*' }))).status).toBe(404);
    expect((await fixture.app.request(`${location}x`, patch(RESTART, { 'if-match': '*' }))).status).toBe(401);
  });
});

describe('DELETE of the session', () => {
  test('200, closes it whatever the ETag; afterwards everything is 404', async () => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    const response = await fixture.app.request(location, { method: 'DELETE', headers: { 'if-match': '"stale"' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(fixture.engine.transports[0]!.closeReason).toBe('deleted by its client');
    for (const init of [{ method: 'DELETE' }, { method: 'GET' }, patch()]) {
      expect((await fixture.app.request(location, init)).status).toBe(404);
    }
  });

  test('a wrong token is 401', async () => {
    await using fixture = await createFixture();
    await publish(fixture);
    const [record] = fixture.manager.sessions.list();
    const response = await fixture.app.request(`/whip/session/${record!.id}/wrong`, { method: 'DELETE' });
    expect(response.status).toBe(401);
    expect(fixture.engine.transports[0]!.state).toBe('new');
  });
});

describe('other methods of the session', () => {
  test('GET and HEAD: 2xx without body', async () => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    for (const method of ['GET', 'HEAD']) {
      const response = await fixture.app.request(location, { method });
      expect(response.ok).toBe(true);
      expect(await response.text()).toBe('');
    }
  });

  test('OPTIONS says what may be patched; POST is 405', async () => {
    await using fixture = await createFixture();
    const { location } = await publish(fixture);
    const options = await fixture.app.request(location, { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('accept-patch')).toBe('application/trickle-ice-sdpfrag');
    const response = await fixture.app.request(location, offer());
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE, OPTIONS');
  });
});
