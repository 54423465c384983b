import type { PluginContext, Publication, PublicationSource, StreamKey } from '@sluice/core';
import { silentLogger } from '@sluice/core';
import { FakeClock, fakeEngine } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import demo from './index.ts';

interface Published {
  readonly key: StreamKey;
  readonly source: PublicationSource;
  readonly events: string[];
}

/** What the plugin uses of a context, and what it did with it. */
function fakeContext() {
  const clock = new FakeClock();
  const engine = fakeEngine();
  const published: Published[] = [];
  const closers: (() => unknown)[] = [];
  // A whole context would be ten times this; what the plugin does not use is absent.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const context = {
    logger: silentLogger,
    clock,
    engine,
    streams: {
      publish(key: StreamKey, source: PublicationSource): Partial<Publication> {
        const events: string[] = [];
        published.push({ key, source, events });
        return { live: () => void events.push('live'), end: (reason) => void events.push(`end: ${reason}`) };
      },
    },
    pathSettings: () => ({}),
    onClose: (task: () => unknown) => void closers.push(task),
  } as unknown as PluginContext;
  onTestFinished(() => {
    for (const close of closers.toReversed()) close();
  });
  return { context, clock, tracks: engine.tracks, published, closers };
}

test('publishes live/demo with picture and sound, live at once', async () => {
  const { context, clock, tracks, published } = fakeContext();
  await demo().setup?.(context);

  const [publication] = published;
  expect(publication?.key).toEqual({ vhost: '__defaultVhost__', app: 'live', stream: 'demo' });
  expect(publication?.source.tracks.map(({ kind, codec }) => [kind, codec?.name])).toEqual([['video', 'VP8'], ['audio', 'opus']]);
  expect(publication?.events).toEqual(['live']);

  await clock.advance(1_000);
  expect(tracks.map(({ written }) => new Set(written.map(({ timestamp }) => timestamp)).size)).toEqual([26, 51]);
});

test('takes another name', async () => {
  const { context, published } = fakeContext();
  await demo({ app: 'test', stream: 'card' }).setup?.(context);
  expect(published[0]?.key).toMatchObject({ app: 'test', stream: 'card' });
});

test('ends the stream, the tracks and the timer when the plugin closes', async () => {
  const { context, clock, tracks, published, closers } = fakeContext();
  await demo().setup?.(context);
  for (const close of closers.toReversed()) close();
  expect(published[0]?.events).toEqual(['live', 'end: the demo plugin was removed']);
  expect(tracks.map(({ ended }) => ended)).toEqual([true, true]);
  expect(clock.pending).toBe(0);
});

test('stops playing when the stream is closed from outside', async () => {
  const { context, clock, tracks, published } = fakeContext();
  await demo().setup?.(context);
  published[0]?.source.close('kicked');
  expect(tracks.map(({ ended }) => ended)).toEqual([true, true]);
  expect(clock.pending).toBe(0);
});
