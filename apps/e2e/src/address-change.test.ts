import { type ImpairedPath, createImpairedPath } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Playback } from './page/peer.ts';
import { leadThrough } from './support/impaired-page.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const LONGEST_GAP_SECONDS = 1;
/** Pictures after a move by which the browser has measured the freeze that it made. */
const FRAMES_AFTER = 30;

const stage = useStage();
let path: ImpairedPath;

beforeEach(async () => {
  path = await createImpairedPath({ toClient: { delayMs: 10 }, toServer: { delayMs: 10 } });
});

afterEach(() => path.close());

async function connect(behindNat: Page): Promise<void> {
  await leadThrough(behindNat, path);
  const url = (protocol: string): string => `${stage.server.url}/${protocol}/live/a`;
  await stage.publisher.evaluate((whip) => window.peer.publish('publisher', { dialect: 'whip', url: whip }), url('whip'));
  await stage.viewer.evaluate((whep) => window.peer.play('viewer', { dialect: 'whip', url: whep }), url('whep'));
  await expectPlaying(stage.viewer, 'viewer');
}

function playback(): Promise<Playback> {
  return stage.viewer.evaluate(() => window.peer.playback('viewer'));
}

/** Moves to other ports in the middle of a picture that goes on; the browser says how long it stood still. */
async function gapOfMove(): Promise<number> {
  const before = await playback();
  await path.changePorts();
  const moved = await playback();
  const after = await until('the picture goes on', async () => {
    const now = await playback();
    return now.framesDecoded >= moved.framesDecoded + FRAMES_AFTER && now;
  });
  return after.freezeSeconds - before.freezeSeconds;
}

type Role = 'publisher' | 'viewer';

/** How often the session of one side has moved, as the server tells administrators. The other may prefer another pair by itself. */
async function movesOf(role: Role): Promise<number> {
  const headers = { authorization: `Bearer ${stage.server.adminToken}` };
  const sessions = await (await fetch(`${stage.server.url}/api/v1/sessions`, { headers })).json() as { id: string; role: Role }[];
  const id = sessions.find((session) => session.role === role)?.id;
  const session = await (await fetch(`${stage.server.url}/api/v1/sessions/${id}`, { headers })).json() as { diagnosis: { pair: { moves: number } } };
  return session.diagnosis.pair.moves;
}

async function expectFollowed(role: Role): Promise<void> {
  for (let move = 1; move <= 3; move++) {
    expect(await gapOfMove()).toBeLessThan(LONGEST_GAP_SECONDS);
    expect(await movesOf(role)).toBe(move);
  }
}

it('of a viewer in the middle of the picture is followed without a gap of a second, again and again', async () => {
  await connect(stage.viewer);
  await expectFollowed('viewer');
});

it('of a publisher is followed too', async () => {
  await connect(stage.publisher);
  await expectFollowed('publisher');
});
