import { expect, test } from 'vitest';
import { createFixture } from './testing/fixture.ts';

const TOKEN = 'a-token-of-some-length';
const metrics = { contentType: 'text/plain; version=0.0.4; charset=utf-8', scrape: async () => 'sluice_sessions 1\n' };
const elsewhere = { metrics, adminToken: TOKEN, clientAddress: () => ({ address: '198.51.100.7', port: 5000 }) };

test('metrics are for administrators', async () => {
  await using fixture = await createFixture({ http: elsewhere });
  expect((await fixture.app.request('/metrics')).status).toBe(401);
  const response = await fixture.app.request('/metrics', { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(metrics.contentType);
  expect(await response.text()).toBe('sluice_sessions 1\n');
  expect((await fixture.app.request('/metrics', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(405);
});

test('metrics are for everybody when so configured, and absent when there are none', async () => {
  await using open = await createFixture({ http: { ...elsewhere, openMetrics: true } });
  expect((await open.app.request('/metrics')).status).toBe(200);
  await using none = await createFixture();
  expect((await none.app.request('/metrics')).status).toBe(404);
});
