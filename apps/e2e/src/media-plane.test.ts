import type { EngineStats } from '@sluice/core';
import type { ServerConfigInput } from '@sluice/config';
import { describe, expect, it } from 'vitest';
import type { PublishOptions } from './page/peer.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const ADMIN_TOKEN = 'an admin token of these tests';
/** Pictures that a late viewer is watched for: some four seconds. */
const FRAMES = 100;
/** Chromium holds some 30 ms of a good network; a replay that it kept lagging behind would be far above. */
const MOST_DELAY_SECONDS = 0.2;

const stage = useStage();

function start(rtc: ServerConfigInput['rtc']): Promise<void> {
  return stage.restart({ rtc, http: { adminToken: ADMIN_TOKEN } });
}

async function engineStats(): Promise<EngineStats> {
  const response = await fetch(`${stage.server.url}/api/v1/media`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const { stats }: { stats: EngineStats } = await response.json();
  return stats;
}

async function publish(options: Partial<PublishOptions> = {}): Promise<void> {
  const whip = { dialect: 'whip', url: `${stage.server.url}/whip/live/a`, ...options } as const;
  expect(await stage.publisher.evaluate((peer) => window.peer.publish('publisher', peer), whip)).toMatchObject({ status: 201 });
}

async function play(name: string): Promise<void> {
  const whep = { name, dialect: 'whip', url: `${stage.server.url}/whep/live/a` } as const;
  expect(await stage.viewer.evaluate((peer) => window.peer.play(peer.name, peer), whep)).toMatchObject({ status: 201 });
}

describe.each([
  ['the portable tier', { tier: 'portable' }, { tier: 'portable', workers: 0 }],
  ['the native tier', { tier: 'native' }, { tier: 'native', workers: 0 }],
  ['the native tier and two workers', { tier: 'native', workers: 2 }, { tier: 'native', workers: 2 }],
] as const)('with %s', (_name, rtc, expected) => {
  it('browsers publish and play', async () => {
    await start(rtc);
    await until('it runs', async () => (await engineStats()).workers === expected.workers);
    expect(await engineStats()).toMatchObject(expected);
    await publish();
    for (const name of ['first', 'second', 'third']) await play(name);
    for (const name of ['first', 'second', 'third']) await expectPlaying(stage.viewer, name);
    expect(await engineStats()).toMatchObject({ ...expected, workerCrashes: 0 });
  });
});

describe.each([
  ['with the keyframe cache', {}],
  ['without the keyframe cache', { keyframeCacheBytes: 0 }],
] as const)('a late viewer %s', (_name, rtc) => {
  it('does not lag behind, nor freeze', async () => {
    await start(rtc);
    await publish();
    await play('first');
    await expectPlaying(stage.viewer, 'first');
    await play('late');
    const begin = await expectPlaying(stage.viewer, 'late');
    const playback = () => stage.viewer.evaluate(() => window.peer.playback('late'));
    await until(`${FRAMES} pictures`, async () => (await playback()).framesDecoded >= begin.framesDecoded + FRAMES);
    const { freezes, jitterBufferSeconds } = await playback();
    expect(freezes).toBe(0);
    expect(jitterBufferSeconds).toBeLessThan(MOST_DELAY_SECONDS);
  });
});

it.each(['PCMU', 'PCMA', 'G722'] as const)('passes on sound of telephones, %s', async (audioCodec) => {
  await start({});
  await publish({ audioOnly: true, audioCodec });
  await play('viewer');
  await expectPlaying(stage.viewer, 'viewer', { video: false });
  const [row]: { readonly tracks: unknown }[] = await (await fetch(`${stage.server.url}/api/v1/streams`)).json();
  expect(row?.tracks).toMatchObject([{ codec: audioCodec }]);
});
