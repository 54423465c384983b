import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const stage = useStage();

async function publish(page: Page): Promise<void> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whip/live/a` } as const;
  const { status } = await page.evaluate((whip) => window.peer.publish('publisher', whip), options);
  expect(status).toBe(201);
}

async function play(): Promise<void> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whep/live/a` } as const;
  await stage.viewer.evaluate((whep) => window.peer.play('viewer', whep), options);
  await expectPlaying(stage.viewer, 'viewer');
}

async function streamState(): Promise<string | undefined> {
  const response = await fetch(`${stage.server.url}/api/v1/streams`);
  const [row]: { readonly state: string }[] = await response.json();
  return row?.state;
}

it('a viewer sees the publisher that comes back after its tab was killed, on the connection that it has', async () => {
  await stage.restart({ streams: { publisherGraceMs: 30_000 }, rtc: { disconnectedAfterMs: 500, closedAfterMs: 1000 } });
  await publish(stage.publisher);
  await play();
  await stage.publisher.context().close();
  await until('the stream is interrupted', async () => (await streamState()) === 'interrupted');
  await publish(await stage.open());
  await expectPlaying(stage.viewer, 'viewer');
  expect(await streamState()).toBe('live');
});

it('a viewer sees the publisher that takes over from one that still sends', async () => {
  await stage.restart({ streams: { takeover: 'always' } });
  await publish(stage.publisher);
  await play();
  await publish(await stage.open());
  await until('the first is closed', () => stage.publisher.evaluate(() => window.peer.state('publisher') === 'failed'));
  await expectPlaying(stage.viewer, 'viewer');
});
