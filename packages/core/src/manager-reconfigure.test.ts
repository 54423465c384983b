import { describe, expect, it, vi } from 'vitest';
import { MediaError } from './errors.ts';
import { pathResolver } from './path-settings.ts';
import { type PluginContext, type WebRtcPlugin, definePlugin } from './plugin.ts';
import { fakeSession, readyManager, rejectionOf, sampleRequest, settle } from './testing/index.ts';

const KEY = { vhost: '__defaultVhost__', app: 'live', stream: 'test' };
const SOURCE = { tracks: [], close: () => undefined };
const reader = { sessionId: 'reader', onEnded: () => undefined };

/** Plays, as `@sluice/plugin-play` does it, without media. */
function player(): WebRtcPlugin {
  return definePlugin(() => ({
    name: 'player',
    types: ['play'],
    capabilities: { access: 'play' },
    async negotiate(request, ctx) {
      (await ctx.streams.waitFor(request, request.signal)).addReader({ ...reader, sessionId: request.sessionId });
      return fakeSession();
    },
  }))();
}

describe('a path', () => {
  it('bounds the viewers of its streams only', async () => {
    const { manager } = await readyManager([player()], { paths: pathResolver({ 'live/test': { maxReaders: 1 } }) });
    for (const stream of ['test', 'other']) manager.streams.publish({ ...KEY, stream }, SOURCE).live();
    await manager.negotiateSdp('play', sampleRequest());
    await manager.negotiateSdp('play', sampleRequest({ stream: 'other' }));
    await manager.negotiateSdp('play', sampleRequest({ stream: 'other' }));
    expect(await rejectionOf(manager.negotiateSdp('play', sampleRequest()))).toMatchObject({ code: 'STREAM_FULL' });
    expect(manager.counters.readersRefused).toBe(1);
  });

  it('says how long its missing streams are waited for', async () => {
    const paths = pathResolver({ 'live/quick': { maxStreamWaitMs: 0 }, 'live/slow': { maxStreamWaitMs: 60_000 } });
    const { manager, clock } = await readyManager([player()], { paths, streams: { maxStreamWaitMs: 1000 } });
    expect(await rejectionOf(manager.negotiateSdp('play', sampleRequest({ stream: 'quick' })))).toMatchObject({ code: 'STREAM_NOT_FOUND' });
    const slow = manager.negotiateSdp('play', sampleRequest({ stream: 'slow' }));
    await clock.advance(59_000);
    manager.streams.publish({ ...KEY, stream: 'slow' }, SOURCE).live();
    expect(await slow).toHaveProperty('record');
  });

  it('says when the hook is asked about its unwatched streams', async () => {
    const { manager, clock } = await readyManager([], { paths: pathResolver({ 'live/test': { noneReaderDelayMs: 100 } }) });
    const asked = vi.fn(() => undefined);
    manager.hook('none-reader', asked);
    const publication = manager.streams.publish(KEY, SOURCE);
    publication.live();
    publication.stream.addReader(reader)();
    await clock.advance(99);
    expect(asked).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('says whether its publishers are waited for and may be taken over', async () => {
    const { manager, clock } = await readyManager([], { paths: pathResolver({ 'live/test': { publisherGraceMs: 100, takeover: 'always' } }) });
    const publication = manager.streams.publish(KEY, { ...SOURCE, identity: 'me' });
    publication.live();
    const second = manager.streams.publish(KEY, { ...SOURCE, identity: 'me' });
    second.live();
    second.lost('gone');
    await clock.advance(99);
    expect(publication.stream.state).toBe('interrupted');
    await clock.advance(1);
    expect(publication.stream.state).toBe('ended');
  });

  it('is told to plugins', async () => {
    let ctx: PluginContext | undefined;
    const asks = definePlugin(() => ({ name: 'asks', setup: (given) => void (ctx = given) }))();
    const { manager } = await readyManager([asks], { paths: pathResolver({ '*': { codecs: { video: ['VP8'] } } }) });
    expect(ctx?.pathSettings(KEY)).toEqual({ codecs: { video: ['VP8'] } });
    manager.reconfigure({ paths: pathResolver({}) });
    expect(ctx?.pathSettings(KEY)).toEqual({});
  });
});

describe('other limits, deadlines and rules', () => {
  it('count from the next use on, and no session ends', async () => {
    const { manager, clock } = await readyManager([player()]);
    manager.streams.publish(KEY, SOURCE).live();
    await manager.negotiateSdp('play', sampleRequest());
    manager.reconfigure({ limits: { maxSessions: 1, maxWaiters: 0 }, timeouts: { hookMs: 5 }, streams: { maxStreamWaitMs: 7 } });
    expect(manager.sessions.size).toBe(1);
    expect(await rejectionOf(manager.negotiateSdp('play', sampleRequest()))).toMatchObject({ code: 'SESSION_LIMIT' });
    manager.reconfigure({ limits: {} });
    manager.hook('play', () => new Promise(() => undefined));
    const hung = rejectionOf(manager.negotiateSdp('play', sampleRequest()));
    await clock.advance(5);
    expect(await hung).toMatchObject({ code: 'HOOK_TIMEOUT' });
  });

  it('that are wrong change nothing, not even what was right', async () => {
    const { manager } = await readyManager([player()]);
    manager.streams.publish(KEY, SOURCE).live();
    expect(() => manager.reconfigure({ limits: { maxSessions: 0 }, timeouts: { hookMs: 0 } })).toThrow('timeouts.hookMs');
    expect(await manager.negotiateSdp('play', sampleRequest())).toHaveProperty('record');
  });
});

describe('reconfigurePlugin', () => {
  const reconfigurable = (reconfigure: (options: unknown) => void | Promise<void>) => definePlugin(() => ({ name: 'able', reconfigure }))();

  it('gives a plugin its new options, as a method', async () => {
    const taken: unknown[] = [];
    const plugin = definePlugin(() => ({ name: 'able', reconfigure(this: object, options: unknown) { taken.push(this === plugin, options); } }))();
    const { manager } = await readyManager([plugin]);
    expect(manager.plugins).toMatchObject([{ name: 'able', reconfigurable: true }]);
    expect(await manager.reconfigurePlugin('able', { a: 1 })).toBe(true);
    expect(taken).toEqual([true, { a: 1 }]);
  });

  it('is false for a plugin that needs a restart, and for one that is not there', async () => {
    const { manager } = await readyManager([definePlugin(() => ({ name: 'fixed' }))()]);
    expect(await manager.reconfigurePlugin('fixed', {})).toBe(false);
    expect(await manager.reconfigurePlugin('absent', {})).toBe(false);
  });

  it('says whose options were wrong', async () => {
    const broken = reconfigurable(() => { throw new MediaError('CONFIG_INVALID', 'No such key.'); });
    const { manager } = await readyManager([broken]);
    expect(await rejectionOf(manager.reconfigurePlugin('able', {}))).toMatchObject({ code: 'CONFIG_INVALID', plugin: 'able', message: 'No such key.' });
  });

  it('is given up at the deadline of a set-up', async () => {
    const { manager, clock } = await readyManager([reconfigurable(() => new Promise(() => undefined))], { timeouts: { setupMs: 50 } });
    const outcome = rejectionOf(manager.reconfigurePlugin('able', {}));
    await clock.advance(50);
    expect(await outcome).toMatchObject({ code: 'PLUGIN_TIMEOUT', plugin: 'able' });
    await settle();
  });
});
