import { type MetricFamily, metrics } from '@sluice/core';
import { expect, test, vi } from 'vitest';
import { type Managed, startManager } from '../testing/managed.ts';
import { json, startReceiver, status } from '../testing/receiver.ts';

async function collect({ manager }: Managed): Promise<ReadonlyMap<string, MetricFamily>> {
  const families = await Promise.all(manager.contributions(metrics).map(async ({ value }) => value.collect()));
  return new Map(families.flat().map((family) => [family.name, family]));
}

test('says of each URL what was asked, what failed and how long it took, and names none of them', async () => {
  await using good = await startReceiver(json({ code: 0, ttl: 60 }));
  await using bad = await startReceiver(status(400));
  await using server = await startManager({ onPublish: [good.url, good.url], onStreamChanged: `${bad.url}?key=hush` });
  await server.publish('a');
  await server.manager.closeSession(server.manager.sessions.list()[0]?.id ?? '', 'again');
  await server.publish('a');
  await vi.waitFor(() => expect(server.targets.list().at(-1)).toMatchObject({ deadLetters: 3, queueLength: 0 }));

  const families = await collect(server);
  const labelled = (hook: string, target: string, value: number) => ({ labels: { hook, target }, value });
  expect(families.get('sluice_webhook_messages_total')?.samples).toEqual([
    labelled('publish', '0', 1),
    labelled('publish', '1', 1),
    labelled('stream-changed', '0', 3),
  ]);
  expect(families.get('sluice_webhook_cache_hits_total')?.samples).toEqual([labelled('publish', '0', 1), labelled('publish', '1', 1)]);
  expect(families.get('sluice_webhook_failures_total')?.samples.at(-1)).toEqual(labelled('stream-changed', '0', 3));
  expect(families.get('sluice_webhook_dead_letters')?.samples).toEqual([labelled('stream-changed', '0', 3)]);
  const durations = families.get('sluice_webhook_attempt_duration_seconds');
  expect(durations?.samples.at(-1)).toMatchObject({ count: 3, buckets: expect.arrayContaining([{ le: 10, count: 3 }]) });
  expect(JSON.stringify([...families.values()])).not.toMatch(/http:|hush/);
});
