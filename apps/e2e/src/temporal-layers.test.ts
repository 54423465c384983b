import { type ImpairedPath, createImpairedPath } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, it } from 'vitest';
import type { PublishOptions } from './page/peer.ts';
import { leadThrough } from './support/impaired-page.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** Carries the lower temporal layers of the test picture, and not all of them. */
const CAPS_KBPS = { VP8: 300, VP9: 200, AV1: 200 } as const;
/** About a second of packets at the cap. */
const MAX_QUEUED = 30;
/** Pictures of the good viewer in which both are compared. */
const WINDOW_FRAMES = 60;
const DEADLINE_MS = 45_000;

const stage = useStage();
let path: ImpairedPath;
let capped: Page;

beforeEach(async () => {
  path = await createImpairedPath({ maxQueued: MAX_QUEUED });
  capped = await stage.open();
});

afterEach(() => path.close());

function publish(videoCodec: NonNullable<PublishOptions['videoCodec']>, scalabilityMode: string): Promise<unknown> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whip/live/a`, videoCodec, scalabilityMode } as const;
  return stage.publisher.evaluate((whip) => window.peer.publish('publisher', whip), options);
}

function play(page: Page): Promise<unknown> {
  return page.evaluate((url) => window.peer.play('viewer', { dialect: 'whip', url }), `${stage.server.url}/whep/live/a`);
}

async function frames(page: Page): Promise<number> {
  return (await page.evaluate(() => window.peer.playback('viewer'))).framesDecoded;
}

/** What part of the other one's pictures the capped viewer decodes. */
async function decodedPart(): Promise<number> {
  const [whole, part] = await Promise.all([frames(stage.viewer), frames(capped)]);
  return until(`${WINDOW_FRAMES} pictures`, async () => {
    const [wholeNow, partNow] = await Promise.all([frames(stage.viewer), frames(capped)]);
    return wholeNow - whole >= WINDOW_FRAMES && (partNow - part + 1) / (wholeNow - whole);
  });
}

async function expectPart(what: string, isExpected: (part: number) => boolean): Promise<void> {
  const seen: number[] = [];
  try {
    await until(what, async () => {
      seen.push(await decodedPart());
      return isExpected(seen.at(-1) ?? 0);
    }, DEADLINE_MS);
  } catch (error) {
    throw new Error(`The capped viewer decodes ${seen.map((part) => part.toFixed(2)).join(', ')} of the pictures.`, { cause: error });
  }
}

it.each(['VP8', 'VP9', 'AV1'] as const)('a path that is too narrow is sent fewer pictures of %s, which a browser decodes', { timeout: 4 * DEADLINE_MS }, async (videoCodec) => {
  await leadThrough(capped, path);
  await publish(videoCodec, 'L1T3');
  await Promise.all([play(stage.viewer), play(capped)]);
  await Promise.all([expectPlaying(stage.viewer, 'viewer'), expectPlaying(capped, 'viewer')]);
  path.impair({ toClient: { rateKbps: CAPS_KBPS[videoCodec] } });
  await expectPart('fewer pictures', (part) => part > 0.2 && part < 0.8);
  await expectPlaying(capped, 'viewer');
  path.impair({ toClient: {} });
  await expectPart('all pictures', (part) => part > 0.9);
});

it('spatial layers of VP9 within one stream are passed on whole', async () => {
  await publish('VP9', 'L3T3_KEY');
  await play(stage.viewer);
  await expectPlaying(stage.viewer, 'viewer');
  await until('the whole picture', async () => (await stage.viewer.evaluate(() => window.peer.playback('viewer'))).width === 640);
});
