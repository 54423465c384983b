import { type MetricFamily, deny, definePlugin, metrics as metricSources } from '@sluice/core';
import { FakeTrack, fakeSession, readyManager, rejectionOf, sampleRequest } from '@sluice/core/testing';
import { afterEach, expect, it } from 'vitest';
import { type Metrics, createMetrics } from './metrics.ts';
import { lintExposition, parseExposition } from './testing/exposition.ts';

let metrics: Metrics | undefined;
afterEach(() => metrics?.close());

const push = definePlugin(() => ({ name: 'push', types: ['push'], capabilities: { access: 'publish' }, negotiate: () => fakeSession() }));

function contributing(families: () => readonly MetricFamily[]) {
  return definePlugin(() => ({ name: 'giver', setup: (ctx) => void ctx.contribute(metricSources, { collect: families }) }))();
}

async function setUp({ plugins = [], maxStreams }: { plugins?: Parameters<typeof readyManager>[0]; maxStreams?: number } = {}) {
  const test = await readyManager([push(), ...plugins]);
  const made = createMetrics({ manager: test.manager, engine: test.engine, logger: test.logger, maxStreams, version: '1.2.3' });
  metrics = made;
  const scrape = async () => parseExposition(await made.scrape());
  async function valueOf(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const samples = (await scrape()).flatMap((family) => family.samples).filter((sample) => sample.name === name);
    return samples.find((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value;
  }
  return { ...test, scrape, valueOf };
}

it('gives an exposition that a linter has nothing to say about, before anything and after everything happened', async () => {
  const { manager, scrape } = await setUp();
  expect(lintExposition(await scrape())).toEqual([]);
  const { record } = await manager.negotiateSdp('push', sampleRequest());
  manager.hook('publish', () => deny('no'));
  await rejectionOf(manager.negotiateSdp('push', sampleRequest()));
  manager.streams.publish({ vhost: 'v', app: 'a"\\\n', stream: 's' }, { tracks: [new FakeTrack('t', 'video')], close: () => undefined }).live();
  await manager.closeSession(record.id, 'enough');
  const families = await scrape();
  expect(lintExposition(families)).toEqual([]);
  expect(families.length).toBeGreaterThan(40);
});

it('counts sessions by role, cause and code', async () => {
  const { manager, valueOf } = await setUp();
  const { record } = await manager.negotiateSdp('push', sampleRequest());
  expect(await valueOf('sluice_sessions_opened_total', { role: 'publisher' })).toBe(1);
  await manager.closeSession(record.id, 'deleted by its client');
  expect(await valueOf('sluice_sessions_closed_total', { role: 'publisher', cause: 'client' })).toBe(1);
  manager.hook('publish', () => deny('no'));
  await rejectionOf(manager.negotiateSdp('push', sampleRequest()));
  expect(await valueOf('sluice_sessions_refused_total', { code: 'FORBIDDEN' })).toBe(1);
  expect(await valueOf('sluice_hook_calls_total', { hook: 'publish', plugin: 'host', outcome: 'denied' })).toBe(1);
  expect(await valueOf('sluice_hook_duration_seconds_count', { hook: 'publish' })).toBe(1);
  expect(await valueOf('sluice_hook_duration_seconds_bucket', { hook: 'publish', le: '+Inf' })).toBe(1);
});

it('names so many streams at most, those with the most viewers, and sums the rest up', async () => {
  const { manager, scrape } = await setUp({ maxStreams: 2 });
  for (const readers of [1, 3, 2, 0]) {
    const publication = manager.streams.publish({ vhost: '__defaultVhost__', app: 'live', stream: `s${readers}` }, { tracks: [], close: () => undefined });
    publication.live();
    for (let reader = 0; reader < readers; reader += 1) publication.stream.addReader({ sessionId: `${readers}-${reader}`, onEnded: () => undefined });
  }
  const family = (await scrape()).find(({ name }) => name === 'sluice_stream_viewers');
  expect(family?.samples.map(({ labels, value }) => [labels['stream'], value])).toEqual([['live/s3', 3], ['live/s2', 2], ['other', 1]]);
});

it('shows what plugins contribute, and stays readable whatever that is', async () => {
  const sample = { labels: { url: 'a' }, value: 1 };
  const { scrape, logger } = await setUp({
    plugins: [
      contributing(() => [
        { name: 'sluice_giver_queue_length', help: 'A queue.', type: 'gauge', samples: [sample, sample] },
        { name: 'sluice_sessions', help: 'Of another type.', type: 'counter', samples: [{ value: 1 }] },
        { name: 'has spaces', help: 'x', type: 'gauge', samples: [] },
        { name: 'sluice_label', help: 'x', type: 'gauge', samples: [{ labels: { 'a b': 'c' }, value: 1 }] },
        { name: 'sluice_nan_total', help: 'x', type: 'counter', samples: [{ value: Number.NaN }, { labels: { a: 'b' }, value: -1 }] },
      ]),
      definePlugin(() => ({ name: 'broken', setup: (ctx) => void ctx.contribute(metricSources, { collect: () => Promise.reject(new Error('broken')) }) }))(),
    ],
  });
  const families = await scrape();
  expect(lintExposition(families)).toEqual([]);
  expect(families.find(({ name }) => name === 'sluice_giver_queue_length')?.samples).toEqual([{ name: 'sluice_giver_queue_length', labels: { url: 'a' }, value: 2 }]);
  expect(families.find(({ name }) => name === 'sluice_sessions')?.type).toBe('gauge');
  expect(logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['name'])).toEqual(['sluice_sessions', 'has spaces', 'sluice_label']);
  expect(logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['plugin'])).toEqual(['broken']);
});
