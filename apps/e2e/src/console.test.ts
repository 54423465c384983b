import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const stage = useStage();
let isBroken: boolean;
let delivered: number;

/** A receiver of notifications that fails until it is mended. */
const receiver = createServer((request: IncomingMessage, response: ServerResponse) => {
  request.resume().on('end', () => {
    if (!isBroken) delivered += 1;
    response.writeHead(isBroken ? 503 : 200).end('{"code":0}');
  });
});

beforeAll(() => new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve)));

afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

beforeEach(() => {
  isBroken = true;
  delivered = 0;
});

it('an operator sees a broken hook, sends its dead letter again when it is mended, kicks a viewer, and reads of it', async () => {
  const { port } = receiver.address() as AddressInfo;
  await stage.restart({
    hooks: { onStreamChanged: `http://127.0.0.1:${port}/on_stream_changed`, notificationRetries: 1, retryDelayMs: 20, breakerFailures: 1, breakerOpenMs: 500 },
  });
  const { server, publisher, viewer } = stage;
  const operator = await stage.open();
  await operator.goto(`${server.url}/#token=${server.adminToken}`);
  await operator.getByText('Server online').waitFor();
  expect(operator.url()).toBe(`${server.url}/`);
  // The tab keeps the token.
  await operator.reload();
  await operator.getByRole('link', { name: 'Events' }).click();
  await operator.getByText('Listening').waitFor();
  await publisher.evaluate((options) => window.peer.publish('publisher', options), { dialect: 'whip', url: `${server.url}/whip/live/a` } as const);
  await viewer.evaluate((options) => window.peer.play('viewer', options), { dialect: 'whip', url: `${server.url}/whep/live/a` } as const);
  await expectPlaying(viewer, 'viewer');

  await operator.getByRole('link', { name: 'Hooks' }).click();
  const letter = operator.getByRole('listitem').filter({ hasText: 'given up at' });
  await letter.waitFor();
  await operator.getByText('Last error:').waitFor();
  await operator.getByText(/Breaker open|Trying again|Some calls failed/).waitFor();
  isBroken = false;
  await letter.getByRole('button').click();
  await until('the letter is delivered', () => delivered === 1);
  await letter.waitFor({ state: 'detached' });

  await operator.getByRole('link', { name: 'Events' }).click();
  await operator.getByRole('link', { name: 'Viewer of live/a' }).first().click();
  const kick = operator.getByRole('button', { name: /Kick Viewer of live\/a|Really kick/i });
  await kick.click();
  await kick.click();
  await until('the viewer is told', () => viewer.evaluate(() => window.peer.state('viewer') === 'failed'));
  await operator.getByRole('link', { name: 'Events' }).click();
  const row = operator.getByRole('listitem').filter({ hasText: /Ended.*Viewer of live\/a.*ended by an administrator/s });
  await row.waitFor();
  expect(await row.count()).toBe(1);
});
