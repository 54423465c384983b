import { expect, test } from 'vitest';
import { OFFER, createFixture } from './testing/fixture.ts';

test('ready while new sessions are welcome, alive also when they are not', async () => {
  await using fixture = await createFixture();
  const { app, manager } = fixture;
  const ready = await app.request('/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ready', checks: { manager: 'ok' } });
  void manager.drain();
  const draining = await app.request('/readyz');
  expect(draining.status).toBe(503);
  expect(draining.headers.get('retry-after')).toBe('5');
  expect(await draining.json()).toEqual({ status: 'unready', checks: { manager: 'draining: sessions go on, new ones are refused' } });
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/readyz', { method: 'POST' })).status).toBe(405);
});

test('says of each check whether it passes', async () => {
  const readyChecks = { media: () => 'no port', disk: () => undefined, broken: () => { throw new Error('/secret/path'); } };
  await using fixture = await createFixture({ http: { readyChecks } });
  const response = await fixture.app.request('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'unready', checks: { manager: 'ok', media: 'no port', disk: 'ok', broken: 'the check failed' } });
});

test('a drain is begun over HTTP by administrators only', async () => {
  await using fixture = await createFixture({ http: { adminToken: 'a-token-of-some-length', clientAddress: () => ({ address: '198.51.100.7', port: 5000 }) } });
  const { app, manager } = fixture;
  expect((await app.request('/api/v1/drain', { method: 'POST' })).status).toBe(401);
  expect(manager.phase).toBe('ready');
  const response = await app.request('/api/v1/drain', { method: 'POST', headers: { authorization: 'Bearer a-token-of-some-length' } });
  expect(await response.json()).toEqual({ phase: 'draining', sessions: 0 });
  expect((await app.request('/readyz')).status).toBe(503);
  const refused = await app.request('/whip/live/cam', { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: OFFER });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
});
