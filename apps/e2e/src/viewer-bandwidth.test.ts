import { type ImpairedPath, createImpairedPath } from '@sluice/testing';
import type { TransportStats } from '@sluice/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leadThrough } from './support/impaired-page.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const ADMIN_TOKEN = 'a token for this test';
/** Well below what the publisher's picture takes. */
const CAP_KBPS = 120;
/** About a second of them at the cap. */
const MAX_QUEUED = 30;

const stage = useStage({ http: { adminToken: ADMIN_TOKEN } });
let path: ImpairedPath;

beforeEach(async () => {
  path = await createImpairedPath({ maxQueued: MAX_QUEUED });
});

afterEach(() => path.close());

async function fromApi<T>(what: string): Promise<T> {
  const response = await fetch(`${stage.server.url}/api/v1/${what}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  return response.json() as Promise<T>;
}

/** What the server believes that the path to the viewer carries, bit/s. */
async function estimate(): Promise<number> {
  const sessions = await fromApi<{ id: string; role: string }[]>('sessions');
  const { id } = sessions.find(({ role }) => role === 'viewer')!;
  const { stats } = await fromApi<{ stats: TransportStats }>(`sessions/${id}`);
  return stats.availableOutgoingBitrate ?? 0;
}

it("follows a cap on a viewer's path down, and up again when it is lifted", async () => {
  await leadThrough(stage.viewer, path);
  await stage.publisher.evaluate((url) => window.peer.publish('publisher', { dialect: 'whip', url }), `${stage.server.url}/whip/live/a`);
  const answer = await stage.viewer.evaluate((url) => window.peer.play('viewer', { dialect: 'whip', url }), `${stage.server.url}/whep/live/a`);
  expect(answer.text).toMatch(/a=rtcp-fb:\d+ transport-cc/);
  await expectPlaying(stage.viewer, 'viewer');
  expect(await estimate()).toBeGreaterThan(3 * CAP_KBPS * 1000);
  path.impair({ toClient: { rateKbps: CAP_KBPS } });
  await until('the estimate is near the cap', async () => (await estimate()) < 1.3 * CAP_KBPS * 1000);
  path.impair({ toClient: {} });
  await until('the estimate exceeds it again', async () => (await estimate()) > 2 * CAP_KBPS * 1000);
  await expectPlaying(stage.viewer, 'viewer');
});
