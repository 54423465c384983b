import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { readyManager, sampleOffer, sampleRequest } from '@sluice/core/testing';
import push from '@sluice/plugin-push';
import { startServer } from '@sluice/server';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { requireToken } from './hook.ts';
import { codeBlocks } from './markdown.ts';

const README = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');

test('the hook in code lets only those publish who have the token', async () => {
  const { manager } = await readyManager([push()]);
  requireToken(manager, 'open sesame');
  for (const credentials of [undefined, {}, { token: 'wrong' }]) {
    await expect(manager.negotiateSdp('push', sampleRequest({ credentials }))).rejects.toMatchObject({ code: 'UNAUTHORISED', message: 'Wrong token.' });
  }
  await manager.negotiateSdp('push', sampleRequest({ credentials: { token: 'open sesame' } }));
  await manager.close();
});

test('the hook behind a URL is asked, and the client reads its words', async () => {
  await using opened = new AsyncDisposableStack();
  const asked: string[] = [];
  const auth = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json').end('{"code":-1,"msg":"Not on Mondays."}');
  }).listen(0, '127.0.0.1');
  await once(auth, 'listening');
  opened.defer(() => {
    auth.close();
    auth.closeAllConnections();
  });

  const address = auth.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const block = codeBlocks(README).find(({ code }) => code.startsWith('hooks:'))?.code ?? '';
  const { hooks } = parseYaml(block.replaceAll('https://auth.example', `http://127.0.0.1:${port}`));
  const server = await startServer(parseConfig({ hooks, http: { port: 0 }, rtc: { port: 0 }, demo: false }), { logger: silentLogger });
  opened.defer(server.close);

  const publish = await fetch(`${server.url}/index/api/webrtc?app=live&stream=cam&type=push`, { method: 'POST', body: sampleOffer() });
  expect(await publish.json()).toEqual({ code: -400, msg: 'Not on Mondays.' });
  const view = await fetch(`${server.url}/index/api/webrtc?app=live&stream=cam&type=play`, { method: 'POST', body: sampleOffer() });
  expect(await view.json()).toEqual({ code: -400, msg: 'Not on Mondays.' });
  expect(asked).toEqual(['/on_publish', '/on_play']);
});
