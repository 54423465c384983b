import { type ImpairedPath, createImpairedPath } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublishOptions } from './page/peer.ts';
import { leadThrough } from './support/impaired-page.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** Of the three layers that the page publishes. */
const [LOW, MIDDLE, HIGH] = [240, 480, 960] as const;
/** Of a smaller picture Chromium makes but two layers. */
const PICTURE = { width: 960, height: 540 };
/** Less than the highest layer takes of the test picture. */
const CAP_KBPS = 250;
/** Without it Chromium makes one stream of VP9 and AV1, under the first rid, whose sizes are spatial layers if there are any. */
const ONE_SIZE_EACH = { VP9: 'L1T1', AV1: 'L1T1' } as const;
/** About a second of them at the cap. */
const MAX_QUEUED = 30;
/** An encoder begins with its lowest layer, and the way back up is slow by design. */
const DEADLINE_MS = 45_000;

const stage = useStage();

function publish(videoCodec: NonNullable<PublishOptions['videoCodec']>, scalabilityMode?: string): Promise<unknown> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whip/live/a`, simulcast: true, videoCodec, scalabilityMode, ...PICTURE } as const;
  return stage.publisher.evaluate((whip) => window.peer.publish('publisher', whip), options);
}

function play(page: Page, name: string, query = ''): Promise<{ status: number; text: string }> {
  const options = { name, url: `${stage.server.url}/whep/live/a${query}`, channel: 'control' };
  return page.evaluate(({ name: connection, ...whep }) => window.peer.play(connection, { dialect: 'whip', ...whep }), options);
}

async function widthOf(page: Page, name: string): Promise<number> {
  return (await page.evaluate((connection) => window.peer.playback(connection), name)).width;
}

async function expectWidth(page: Page, name: string, isExpected: (width: number) => boolean): Promise<void> {
  let width = 0;
  try {
    await until(`the width of ${name}`, async () => isExpected((width = await widthOf(page, name))), DEADLINE_MS);
  } catch (error) {
    throw new Error(`The picture of ${name} is ${width} wide.`, { cause: error });
  }
}

describe.each(['VP8', 'H264', 'VP9', 'AV1'] as const)('simulcast with %s', (videoCodec) => {
  let path: ImpairedPath;

  beforeEach(async () => {
    path = await createImpairedPath({ maxQueued: MAX_QUEUED });
  });

  afterEach(() => path.close());

  it('pushes a viewer down by a cap on its path and lets it up again, and another one keeps the best layer', { timeout: 4 * DEADLINE_MS }, async () => {
    const capped = await stage.open();
    await leadThrough(capped, path);
    await publish(videoCodec, videoCodec in ONE_SIZE_EACH ? ONE_SIZE_EACH[videoCodec as keyof typeof ONE_SIZE_EACH] : undefined);
    await Promise.all([play(stage.viewer, 'good'), play(capped, 'capped')]);
    await Promise.all([expectWidth(stage.viewer, 'good', (width) => width === HIGH), expectWidth(capped, 'capped', (width) => width === HIGH)]);
    path.impair({ toClient: { rateKbps: CAP_KBPS } });
    await expectWidth(capped, 'capped', (width) => width === MIDDLE || width === LOW);
    expect(await widthOf(stage.viewer, 'good')).toBe(HIGH);
    path.impair({ toClient: {} });
    await expectWidth(capped, 'capped', (width) => width === HIGH);
    expect(await widthOf(stage.viewer, 'good')).toBe(HIGH);
    await Promise.all([expectPlaying(capped, 'capped'), expectPlaying(stage.viewer, 'good')]);
  });
});

it('gives a viewer the layer that it asks for, in the URL and later on', { timeout: 4 * DEADLINE_MS }, async () => {
  await publish('VP8');
  await play(stage.viewer, 'best');
  await expectWidth(stage.viewer, 'best', (width) => width === HIGH);
  await play(stage.viewer, 'low', '?layer=l');
  await expectWidth(stage.viewer, 'low', (width) => width === LOW);
  await expectPlaying(stage.viewer, 'low');
  expect(await widthOf(stage.viewer, 'low')).toBe(LOW);

  await stage.viewer.evaluate(() => window.peer.send('best', '{"type":"layer","layer":"m"}'));
  await expectWidth(stage.viewer, 'best', (width) => width === MIDDLE);
  await stage.viewer.evaluate(() => window.peer.send('low', '{"type":"layer","layer":"300"}'));
  await expectWidth(stage.viewer, 'low', (width) => width === MIDDLE);
  await stage.viewer.evaluate(() => window.peer.send('best', '{"type":"layer","layer":"x"}'));
  const replies = () => stage.viewer.evaluate(() => window.peer.messages('best'));
  await expect.poll(replies).toEqual(['{"type":"layer","layer":"m"}', expect.stringContaining('LAYER_UNKNOWN')]);
});

it('refuses a viewer that asks for a layer that there is not', async () => {
  await publish('VP8');
  const { status, text } = await play(stage.viewer, 'viewer', '?layer=x');
  expect(status).toBe(422);
  expect(JSON.parse(text)).toMatchObject({ code: 'LAYER_UNKNOWN' });
});
