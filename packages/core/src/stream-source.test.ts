import { describe, expect, test, vi } from 'vitest';
import { MediaError } from './errors.ts';
import { WebRtcPluginManager } from './manager.ts';
import { type PathPatterns, pathResolver } from './path-settings.ts';
import { definePlugin } from './plugin.ts';
import { DEFAULT_VHOST, type StreamKey } from './stream-key.ts';
import { type StreamSource, parseStreamSource, streamSourceStarters } from './stream-source.ts';
import type { Publication, PublicationSource } from './stream.ts';
import { FakeClock, MemoryLogger, rejectionOf, sampleAccessRequest, settle } from './testing/index.ts';

const KEY = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };
const SOURCE = { whep: 'https://other.example/whep/live/test' };

/** A manager whose `stream-not-found` hook names a source, which a plugin starts and reserves the stream for. */
async function onDemandSetUp({ onDemand = true, paths = {} }: { onDemand?: boolean; paths?: PathPatterns } = {}) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const manager = new WebRtcPluginManager({ clock, logger, paths: pathResolver(paths), streams: { maxStreamWaitMs: 1_000, noneReaderDelayMs: 500 } });
  const started: [StreamKey, StreamSource][] = [];
  const close = vi.fn<(reason: string) => void>();
  const publications: Publication[] = [];
  const puller = definePlugin(() => ({
    name: 'puller',
    setup(ctx) {
      ctx.contribute(streamSourceStarters, {
        accepts: (source) => 'whep' in source,
        start(stream, source) {
          started.push([stream, source]);
          const published: PublicationSource = { tracks: [], onDemand, close: (reason) => {
            close(reason);
            publications.at(-1)?.end(reason);
          } };
          publications.push(ctx.streams.publish(stream, published));
        },
      });
    },
  }));
  manager.registerPlugin(puller());
  await manager.ready();
  const wait = (signal = new AbortController().signal) => manager.streams.waitFor(sampleAccessRequest(), signal);
  return { clock, logger, manager, started, close, publications, wait, [Symbol.asyncDispose]: () => manager.close() };
}

test('a source that the hook names is started once for all who wait', async () => {
  await using fixture = await onDemandSetUp();
  fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
  const waiting = [fixture.wait(), fixture.wait()];
  await settle();
  expect(fixture.started).toEqual([[KEY, SOURCE]]);
  fixture.publications[0]?.live();
  expect(new Set(await Promise.all(waiting)).size).toBe(1);
});

test('a source of the path settings is started when no hook answers, with the names of the stream in its URL', async () => {
  const paths = { 'live/*': { source: { whep: 'https://other.example/{app}/{stream}?v={vhost}', token: 't' } } };
  await using fixture = await onDemandSetUp({ paths });
  const waiting = fixture.wait();
  await settle();
  expect(fixture.started).toEqual([[KEY, { whep: `https://other.example/live/test?v=${DEFAULT_VHOST}`, token: 't' }]]);
  fixture.publications[0]?.live();
  await waiting;
});

test('a hook that rejects outweighs the source of the path settings', async () => {
  await using fixture = await onDemandSetUp({ paths: { 'live/*': { source: SOURCE } } });
  fixture.manager.hook('stream-not-found', () => 'reject' as const);
  await expect(fixture.wait()).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
  expect(fixture.started).toEqual([]);
});

test('a source of a kind that no plugin starts refuses the viewer, and says which', async () => {
  await using fixture = await onDemandSetUp();
  fixture.manager.hook('stream-not-found', () => ({ source: { file: 'clip.webm' } }));
  await expect(fixture.wait()).rejects.toMatchObject({ code: 'PLUGIN_DEPENDENCY', message: expect.stringContaining('"file"') });
});

test('a source that ends before it is live ends the wait, and its reason is for the log', async () => {
  await using fixture = await onDemandSetUp();
  fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
  const failure = rejectionOf(fixture.wait());
  await settle();
  fixture.publications[0]?.end('the other server answered 404');
  await expect(failure).resolves.toMatchObject({ code: 'STREAM_NOT_FOUND', message: 'The stream could not be started; the log of the server says why.' });
  expect(JSON.stringify(fixture.logger.lines)).toContain('answered 404');
  expect(fixture.clock.pending).toBe(0);
});

test('a source that nobody waits for any more is closed before it is live', async () => {
  await using fixture = await onDemandSetUp();
  fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
  const controller = new AbortController();
  const failure = rejectionOf(fixture.wait(controller.signal));
  await settle();
  controller.abort();
  await failure;
  expect(fixture.close.mock.calls).toEqual([['nobody waits for it any more']]);
});

describe('a stream that was started for viewers', () => {
  test('is closed when nobody has come to watch it', async () => {
    await using fixture = await onDemandSetUp();
    fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
    const waiting = fixture.wait();
    await settle();
    fixture.publications[0]?.live();
    await waiting;
    await fixture.clock.advance(500);
    expect(fixture.close.mock.calls).toEqual([['no viewers']]);
  });

  test('is closed after its last viewer, unless a hook keeps it', async () => {
    await using fixture = await onDemandSetUp();
    fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
    const waiting = fixture.wait();
    await settle();
    fixture.publications[0]?.live();
    const leave = (await waiting).addReader({ sessionId: 'viewer', onEnded: () => undefined });
    await fixture.clock.advance(2_000);
    expect(fixture.close).not.toHaveBeenCalled();
    const keep = fixture.manager.hook('none-reader', () => 'keep' as const);
    leave();
    await fixture.clock.advance(500);
    expect(fixture.close).not.toHaveBeenCalled();
    keep();
    await fixture.clock.advance(500);
    expect(fixture.close).toHaveBeenCalledOnce();
  });
});

test('a stream that somebody asked to be there is kept without viewers', async () => {
  await using fixture = await onDemandSetUp({ onDemand: false });
  fixture.manager.hook('stream-not-found', () => ({ source: SOURCE }));
  const waiting = fixture.wait();
  await settle();
  fixture.publications[0]?.live();
  await waiting;
  await fixture.clock.advance(60_000);
  expect(fixture.close).not.toHaveBeenCalled();
});

test('a publisher that is lost with a time of its own is waited for that long', async () => {
  await using fixture = await onDemandSetUp();
  const source = { tracks: [], identity: 'pull', close: () => undefined };
  const publication = fixture.manager.streams.publish(KEY, source);
  publication.live();
  publication.lost('the other server restarts', 300);
  expect(publication.stream.state).toBe('interrupted');
  const successor = fixture.manager.streams.publish(KEY, { ...source });
  await fixture.clock.advance(5_000);
  expect(publication.stream.state).toBe('interrupted');
  successor.live();
  expect(publication.stream.state).toBe('live');
});

test('a source is read from a hook answer or a configuration file', () => {
  expect(parseStreamSource({ whep: 'http://host/whep/a/b', token: 't', other: 1 })).toEqual({ whep: 'http://host/whep/a/b', token: 't' });
  expect(parseStreamSource({ whep: 'https://host/{vhost}/{app}?s={stream}' })).toEqual({ whep: 'https://host/{vhost}/{app}?s={stream}' });
  expect(parseStreamSource({ file: 'clip.webm' })).toEqual({ file: 'clip.webm' });
  for (const wrong of [undefined, null, 'http://host', {}, { whep: 'ftp://host' }, { whep: 'http://user:secret@host/' }, { whep: 1 }, { file: '' }, { whep: 'http://a', file: 'b' }, { whep: 'http://a', token: 1 }, { whep: 'https://{vhost}/a' }, { whep: 'https:{app}.example/a' }, { whep: 'http://a:{stream}/' }]) {
    expect(() => parseStreamSource(wrong)).toThrow(MediaError);
  }
});
