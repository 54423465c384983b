import { expect, test } from 'vitest';
import { createFixture } from './testing/fixture.ts';

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
