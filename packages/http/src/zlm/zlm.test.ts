import { allow, deny } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { FIRST_ANSWER, OFFER, createFixture } from '../testing/fixture.ts';

const WEBRTC = '/index/api/webrtc';

function post(body: string | Uint8Array, contentType?: string): RequestInit {
  // A body of bytes gets no Content-Type of its own.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { method: 'POST', body: bytes, headers: contentType === undefined ? {} : { 'content-type': contentType } };
}

describe('POST /index/api/webrtc', () => {
  test.each(['push', 'echo'])('type %s is answered with code 0, id and sdp', async (type) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=${type}`, post(OFFER, 'text/plain'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch('application/json');
    const [record] = fixture.manager.sessions.list();
    expect(await response.json()).toEqual({ code: 0, id: record!.id, sdp: FIRST_ANSWER, type: 'answer' });
    expect(record).toMatchObject({ type, protocol: 'zlm' });
  });

  test('type play is served a stream that somebody pushes', async () => {
    await using fixture = await createFixture();
    await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=push`, post(OFFER));
    const response = await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=play`, post(OFFER));
    expect(await response.json()).toMatchObject({ code: 0, type: 'answer' });
  });

  test('any registered type is taken; what its plugin throws stays inside', async () => {
    await using fixture = await createFixture({
      prepare: (manager) => {
        manager.registerPlugin('record-stats', () => {
          throw new Error('/srv/secret/path.ts failed');
        });
      },
    });
    const response = await fixture.app.request(`${WEBRTC}?app=a&stream=b&type=record-stats`, post(OFFER));
    const reply = await response.json();
    expect(reply).toMatchObject({ code: -400, msg: expect.stringContaining('inline:record-stats') });
    expect(JSON.stringify(reply)).not.toContain('/srv');
  });

  test.each([undefined, 'text/plain', 'text/plain;charset=UTF-8', 'application/sdp', 'application/x-unheard-of'])(
    'the body is the offer when its type is %s',
    async (contentType) => {
      await using fixture = await createFixture();
      const response = await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=echo`, post(OFFER, contentType));
      expect(await response.json()).toMatchObject({ code: 0 });
      expect(fixture.requests[0]!.offer).toBe(OFFER);
    },
  );

  test('an SDP that curl labels as a form is the offer all the same', async () => {
    await using fixture = await createFixture();
    const request = post(OFFER, 'application/x-www-form-urlencoded');
    await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=echo`, request);
    expect(fixture.requests[0]!.offer).toBe(OFFER);
  });

  const fields = { app: 'live', stream: 'cam', type: 'echo', sdp: OFFER, n: '1' };
  test.each([
    { form: 'a form', body: new URLSearchParams(fields).toString(), contentType: 'application/x-www-form-urlencoded' },
    { form: 'JSON', body: JSON.stringify({ ...fields, n: 1, nested: {} }), contentType: 'application/json; charset=utf-8' },
  ])('parameters come from the query first, then from $form', async ({ body, contentType }) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(`${WEBRTC}?stream=other&stream=third`, post(body, contentType));
    expect(await response.json()).toMatchObject({ code: 0 });
    expect(fixture.requests[0]).toMatchObject({
      app: 'live',
      stream: 'other',
      offer: OFFER,
      query: 'stream=other&stream=third',
      params: { app: 'live', stream: 'other', type: 'echo', n: '1' },
    });
  });

  test('hooks and plugins learn query, headers, credentials and url', async () => {
    await using fixture = await createFixture();
    const init = { method: 'POST', body: OFFER, headers: { 'X-Custom': 'yes' } };
    await fixture.app.request(`http://media.example:8080${WEBRTC}?app=live&stream=cam&type=push&vhost=v1&token=t%201`, init);
    expect(fixture.requests[0]).toMatchObject({
      vhost: 'v1',
      query: 'app=live&stream=cam&type=push&vhost=v1&token=t%201',
      params: { token: 't 1' },
      headers: { 'x-custom': 'yes' },
      credentials: { token: 't 1' },
      url: 'rtc://media.example:8080/live/cam?app=live&stream=cam&type=push&vhost=v1&token=t%201',
    });
  });

  describe('failures are HTTP 200 with code and msg', () => {
    test.each([
      { what: 'no type', query: 'app=live&stream=cam', reply: { code: -300, msg: 'The argument type is missing.' } },
      { what: 'no app', query: 'stream=cam&type=push', reply: { code: -300, msg: 'The argument app is missing.' } },
      { what: 'no stream', query: 'app=live&type=play', reply: { code: -300, msg: 'The argument stream is missing.' } },
      { what: 'an unknown type', query: 'app=a&stream=b&type=nope', reply: { code: -400, msg: 'the type can not supported' } },
      { what: 'a missing stream', query: 'app=a&stream=b&type=play', reply: { code: -400, msg: 'stream not found' } },
      { what: 'a name that is no name', query: 'app=..&stream=b&type=push', reply: { code: -300 } },
    ])('$what', async ({ query, reply }) => {
      await using fixture = await createFixture();
      const response = await fixture.app.request(`${WEBRTC}?${query}`, post(OFFER));
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject(reply);
    });

    test('a second publisher', async () => {
      await using fixture = await createFixture();
      const url = `${WEBRTC}?app=live&stream=cam&type=push`;
      await fixture.app.request(url, post(OFFER));
      expect(await (await fixture.app.request(url, post(OFFER))).json()).toEqual({ code: -400, msg: 'already publishing' });
    });

    test('a refusal of a hook comes in its own words', async () => {
      await using fixture = await createFixture();
      fixture.manager.hook('publish', () => deny('come back with a key', 401));
      const response = await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=push`, post(OFFER));
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ code: -400, msg: 'come back with a key' });
    });

    test.each([
      { what: 'empty', body: '' },
      { what: 'garbage', body: 'garbage' },
      { what: 'not UTF-8', body: Buffer.from(OFFER.replace('s=-', 's=\u00e9'), 'latin1') },
      { what: '1 MB', body: 'x'.repeat(1_000_000) },
      { what: 'thousands of m-lines', body: OFFER + 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n'.repeat(2_500) },
      { what: 'without ice-ufrag', body: OFFER.replace(/a=ice-ufrag.*\r\n/g, '') },
      { what: 'without fingerprint', body: OFFER.replace(/a=fingerprint.*\r\n/g, '') },
    ])('an offer that is $what', async ({ body }) => {
      await using fixture = await createFixture();
      const url = `${WEBRTC}?app=live&stream=cam&type=push`;
      const response = await fixture.app.request(url, post(body));
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ code: -400, msg: expect.any(String) });
      expect(await (await fixture.app.request(url, post(OFFER))).json()).toMatchObject({ code: 0 });
    });

    test.each(['{', '[]', 'null', '"text"'])('JSON that is %s', async (body) => {
      await using fixture = await createFixture();
      const response = await fixture.app.request(`${WEBRTC}?app=a&stream=b&type=push`, post(body, 'application/json'));
      expect(await response.json()).toMatchObject({ code: -300 });
    });
  });

  test('a client that goes away aborts the negotiation', async () => {
    await using fixture = await createFixture();
    const controller = new AbortController();
    const hookCalled = Promise.withResolvers<AbortSignal>();
    fixture.manager.hook('publish', (_request, signal) => {
      hookCalled.resolve(signal);
      return new Promise(() => undefined);
    });
    const init = { ...post(OFFER), signal: controller.signal };
    const answering = fixture.app.request(new Request(`http://localhost${WEBRTC}?app=a&stream=b&type=push`, init));
    const signal = await hookCalled.promise;
    controller.abort();
    await answering;
    expect(signal.aborted).toBe(true);
    expect(fixture.manager.sessions.size).toBe(0);
  });

  test('other methods are told what is allowed', async () => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(WEBRTC);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
  });
});

describe('POST /index/api/whip and /index/api/whep', () => {
  test('a session is created; DELETE at its Location ends it', async () => {
    await using fixture = await createFixture();
    const whip = await fixture.app.request('http://media.example:8080/index/api/whip?app=live&stream=cam', post(OFFER, 'application/sdp'));
    expect(whip.status).toBe(201);
    expect(whip.headers.get('content-type')).toBe('application/sdp');
    expect(await whip.text()).toBe(FIRST_ANSWER);
    const [record] = fixture.manager.sessions.list();
    const location = whip.headers.get('location')!;
    expect(location).toBe(`http://media.example:8080/index/api/delete_webrtc?id=${record!.id}&token=${record!.token}`);

    const whep = await fixture.app.request('/index/api/whep?app=live&stream=cam', post(OFFER));
    expect(whep.status).toBe(201);

    const deleted = await fixture.app.request(location, { method: 'DELETE' });
    expect(deleted.status).toBe(200);
    expect(await deleted.text()).toBe('');
    expect(fixture.engine.transports[0]!.closeReason).toBe('deleted by its client');
    expect((await fixture.app.request(location, { method: 'DELETE' })).status).toBe(404);
  });

  test('mounted under a prefix, the Location has it too', async () => {
    await using fixture = await createFixture();
    const { Hono } = await import('hono');
    const outer = new Hono().route('/media', fixture.app);
    const response = await outer.request('http://h/media/index/api/whip?app=live&stream=cam', post(OFFER));
    expect(response.headers.get('location')).toMatch('http://h/media/index/api/delete_webrtc?id=');
  });

  test.each([
    { what: 'no app', path: 'whip?stream=cam', status: 400, code: 'ARGUMENT_MISSING' },
    { what: 'an empty stream', path: 'whip?app=live&stream=', status: 400, code: 'ARGUMENT_MISSING' },
    { what: 'a missing stream', path: 'whep?app=live&stream=cam', status: 404, code: 'STREAM_NOT_FOUND' },
  ])('failures are problem documents: $what', async ({ path, status, code }) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(`/index/api/${path}`, post(OFFER));
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
  });

  test('another body than an offer is refused with 415', async () => {
    await using fixture = await createFixture();
    const response = await fixture.app.request('/index/api/whip?app=a&stream=b', post('{}', 'application/json'));
    expect(response.status).toBe(415);
  });
});

describe('DELETE /index/api/delete_webrtc', () => {
  const path = '/index/api/delete_webrtc';

  test.each([
    { what: 'an unknown id', query: () => 'id=unknown&token=x', status: 404, text: 'id not found' },
    { what: 'a wrong token', query: (id: string) => `id=${id}&token=wrong`, status: 401, text: 'token incorrect' },
  ])('$what', async ({ query, status, text }) => {
    await using fixture = await createFixture();
    await fixture.app.request('/index/api/whip?app=live&stream=cam', post(OFFER));
    const [record] = fixture.manager.sessions.list();
    const response = await fixture.app.request(`${path}?${query(record!.id)}`, { method: 'DELETE' });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(text);
    expect(fixture.manager.sessions.size).toBe(1);
  });

  test.each(['', 'id=a', 'token=b'])('a missing argument: "%s"', async (query) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(`${path}?${query}`, { method: 'DELETE' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ code: -300, msg: expect.stringContaining('missing') });
  });

  test('ends a session of /index/api/webrtc too', async () => {
    await using fixture = await createFixture();
    fixture.manager.hook('publish', () => allow());
    const reply = await fixture.app.request(`${WEBRTC}?app=live&stream=cam&type=push`, post(OFFER));
    const { id } = (await reply.json()) as { id: string };
    const token = fixture.manager.sessions.find(id)!.token;
    expect((await fixture.app.request(`${path}?id=${id}&token=${token}`, { method: 'DELETE' })).status).toBe(200);
    expect(fixture.manager.sessions.size).toBe(0);
  });
});
