import { parseConfig } from '@sluice/config';
import { MemoryLogger } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from './server.ts';

async function start(metrics: object) {
  const logger = new MemoryLogger();
  const server = await startServer(parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: false, metrics }), { logger });
  onTestFinished(() => server.close());
  return { ...server, logger };
}

test('metrics stand beside everything else, for administrators', async () => {
  const { url, adminToken } = await start({});
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } });
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  expect(await response.text()).toMatch(/^sluice_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
});

test('metrics have a port of their own when configured, and only there', async () => {
  const { url, logger } = await start({ port: 0 });
  const own = logger.lines.find(({ message }) => message.startsWith('Metrics are served'))?.fields['url'];
  expect(await (await fetch(`${String(own)}/metrics`)).text()).toContain('sluice_sessions');
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test('metrics can be switched off', async () => {
  const { url } = await start({ enabled: false });
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});
