import { expect, it } from 'vitest';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const stage = useStage({ shutdown: { drainMs: 60_000 } });

async function publishAndPlay(): Promise<void> {
  const whip = { dialect: 'whip', url: `${stage.server.url}/whip/live/a` } as const;
  const whep = { dialect: 'whip', url: `${stage.server.url}/whep/live/a` } as const;
  await stage.publisher.evaluate((door) => window.peer.publish('publisher', door), whip);
  await stage.viewer.evaluate((door) => window.peer.play('viewer', door), whep);
  await expectPlaying(stage.viewer, 'viewer');
}

/** Value of a sample, written as it is exposed; undefined when it is absent. */
async function metric(sample: string): Promise<number | undefined> {
  const text = await (await fetch(`${stage.server.url}/metrics`, { headers: { authorization: `Bearer ${stage.server.adminToken}` } })).text();
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

function atLeast(sample: string, least: number): Promise<unknown> {
  return until(`${sample} is at least ${least}`, async () => ((await metric(sample)) ?? -1) >= least);
}

it('what a browser publishes and another one watches is in the metrics, and stays there after their end', async () => {
  await publishAndPlay();
  for (const role of ['publisher', 'viewer']) await atLeast(`sluice_sessions{role="${role}",state="connected"}`, 1);
  expect(await metric('sluice_stream_viewers{stream="live/a"}')).toBe(1);
  for (const direction of ['in', 'out']) {
    await atLeast(`sluice_rtp_packets_total{direction="${direction}"}`, 50);
    await atLeast(`sluice_transport_bytes_total{direction="${direction}"}`, 10_000);
  }
  await atLeast('sluice_session_connect_duration_seconds_count', 2);
  await atLeast('sluice_forward_duration_seconds_count', 5);
  await atLeast('sluice_stream_bitrate_bits_per_second{stream="live/a"}', 10_000);
  const sent = (await metric('sluice_rtp_packets_total{direction="out"}')) ?? 0;
  await stage.viewer.evaluate(() => window.peer.close('viewer'));
  await atLeast('sluice_sessions_closed_total{role="viewer",cause="peer"}', 1);
  expect(await metric('sluice_rtp_packets_total{direction="out"}')).toBeGreaterThanOrEqual(sent);
});

it('a drain leaves a viewer its picture, sends others elsewhere, and is over when the last has gone', async () => {
  await publishAndPlay();
  let isDrained = false;
  const drained = stage.server.drain().then(() => (isDrained = true));
  expect((await fetch(`${stage.server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${stage.server.url}/healthz`)).status).toBe(200);
  const refused = await fetch(`${stage.server.url}/whep/live/a`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: 'v=0' });
  expect(refused.status).toBe(503);
  expect(refused.headers.has('retry-after')).toBe(true);
  await expectPlaying(stage.viewer, 'viewer');
  expect(await metric('sluice_draining')).toBe(1);
  expect(isDrained).toBe(false);
  await stage.publisher.evaluate(() => window.peer.close('publisher'));
  await until('the viewer is told', () => stage.viewer.evaluate(() => window.peer.dtlsState('viewer') !== 'connected'));
  await drained;
});
