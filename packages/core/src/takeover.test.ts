import { describe, expect, it, vi } from 'vitest';
import { HookBus } from './hook-bus.ts';
import { ManagerSettings } from './manager-options.ts';
import type { StreamOptions } from './manager-types.ts';
import { publisherIdentity } from './publisher-identity.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import { ManagedStreams } from './stream-registry.ts';
import type { PublicationSource, Reader } from './stream.ts';
import { FakeClock, FakeTrack, MemoryLogger, settle } from './testing/index.ts';

const KEY = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };
const BUSY = expect.objectContaining({ code: 'STREAM_BUSY' });

function setUp(rules: Partial<StreamOptions> = {}) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const settings = new ManagerSettings({ clock, logger, streams: { maxStreamWaitMs: 1000, noneReaderDelayMs: 500, ...rules } });
  const hooks = new HookBus(settings);
  const streams = new ManagedStreams({ settings, hooks, maxReadersOf: () => undefined, sourceStarters: () => [] });
  const changes: boolean[] = [];
  hooks.add('test', 'stream-changed', ({ live }) => void changes.push(live));
  const publisher = (sessionId: string, source: Partial<PublicationSource> = {}) => {
    const close = vi.fn<(reason: string) => void>();
    const tracks = [new FakeTrack(sessionId, 'video')];
    return { publication: streams.publish(KEY, { sessionId, identity: 'someone', tracks, close, ...source }), tracks, close };
  };
  const reader = () => {
    const told = { onTracks: vi.fn<NonNullable<Reader['onTracks']>>(), onEnded: vi.fn<Reader['onEnded']>(), onMessage: vi.fn() };
    streams.find(KEY)?.addReader({ sessionId: 'reader', ...told });
    return told;
  };
  return { clock, streams, changes, publisher, reader };
}

describe('takeover', () => {
  it('of a silent publisher by the same identity keeps the viewers and gives them the new tracks, as if nothing had ended', async () => {
    const { streams, changes, publisher, reader } = setUp();
    const first = publisher('first', { silent: true });
    first.publication.live();
    const viewer = reader();
    const second = publisher('second');
    expect(viewer.onTracks).not.toHaveBeenCalled();
    expect(streams.find(KEY)).toMatchObject({ publisherSessionId: 'first', state: 'live' });

    second.publication.live();
    expect(viewer.onTracks).toHaveBeenCalledExactlyOnceWith(second.tracks);
    expect(first.close).toHaveBeenCalledOnce();
    first.publication.end('closed');
    first.publication.broadcast('late', 'chat');
    expect(viewer.onMessage).not.toHaveBeenCalled();
    expect(viewer.onEnded).not.toHaveBeenCalled();
    expect(streams.find(KEY)).toMatchObject({ publisherSessionId: 'second', state: 'live', readerCount: 1, tracks: second.tracks });

    second.publication.end('over');
    expect(viewer.onEnded).toHaveBeenCalledExactlyOnceWith('over');
    await settle();
    expect(changes).toEqual([true, false]);
  });

  it('is refused to others, of a publisher that is heard, and of one that still connects', () => {
    const heard = setUp();
    heard.publisher('first', { silent: false }).publication.live();
    expect(() => heard.publisher('second')).toThrow(BUSY);
    const { publisher } = setUp();
    const { publication } = publisher('first', { silent: true });
    expect(() => publisher('second')).toThrow(BUSY);
    publication.live();
    expect(() => publisher('second', { identity: 'another' })).toThrow(BUSY);
    expect(() => publisher('second', { identity: undefined })).toThrow(BUSY);
    publisher('second');
    expect(() => publisher('third')).toThrow(BUSY);
  });

  it('follows the rule', () => {
    const never = setUp({ takeover: 'never' });
    never.publisher('first', { silent: true }).publication.live();
    expect(() => never.publisher('second')).toThrow(BUSY);
    const always = setUp({ takeover: 'always' });
    always.publisher('first').publication.live();
    always.publisher('second').publication.live();
    expect(always.streams.find(KEY)?.publisherSessionId).toBe('second');
  });

  it('that fails leaves the stream to its publisher', () => {
    const { streams, publisher } = setUp();
    publisher('first', { silent: true }).publication.live();
    publisher('second').publication.end('it did not connect');
    expect(streams.find(KEY)).toMatchObject({ state: 'live', publisherSessionId: 'first' });
    publisher('third').publication.live();
    expect(streams.find(KEY)?.publisherSessionId).toBe('third');
  });

  it('is waited for when the publisher ends meanwhile, and ends the stream when it fails', () => {
    const { streams, publisher, reader } = setUp();
    const first = publisher('first', { silent: true });
    first.publication.live();
    const viewer = reader();
    const second = publisher('second');
    first.publication.end('gone');
    expect(streams.find(KEY)?.state).toBe('interrupted');
    expect(viewer.onEnded).not.toHaveBeenCalled();
    second.publication.end('it did not connect');
    expect(viewer.onEnded).toHaveBeenCalledExactlyOnceWith('gone');
    expect(streams.find(KEY)).toBeUndefined();
  });
});

describe('a publisher that vanishes', () => {
  it('leaves its stream for the time of grace, and may come back in it', async () => {
    const { clock, streams, changes, publisher, reader } = setUp({ publisherGraceMs: 5000, takeover: 'never' });
    const first = publisher('first');
    first.publication.live();
    const viewer = reader();
    first.publication.lost('silent');
    await clock.advance(4999);
    expect(streams.list()).toMatchObject([{ state: 'interrupted' }]);
    const late = reader();
    expect(() => publisher('other', { identity: 'another' })).toThrow(BUSY);

    const second = publisher('second');
    await clock.advance(1000);
    expect(viewer.onEnded).not.toHaveBeenCalled();
    second.publication.live();
    for (const { onTracks } of [viewer, late]) expect(onTracks).toHaveBeenCalledExactlyOnceWith(second.tracks);
    expect(first.close).not.toHaveBeenCalled();
    await clock.advance(10_000);
    expect(streams.find(KEY)?.state).toBe('live');
    expect(changes).toEqual([true]);
  });

  it('ends its stream after that time, once', async () => {
    const { clock, streams, changes, publisher, reader } = setUp({ publisherGraceMs: 5000 });
    const first = publisher('first');
    first.publication.live();
    const viewer = reader();
    first.publication.lost('silent');
    first.publication.end('closed');
    await clock.advance(5000);
    expect(viewer.onEnded).toHaveBeenCalledExactlyOnceWith('silent');
    expect(streams.find(KEY)).toBeUndefined();
    expect(changes).toEqual([true, false]);
    publisher('second', { identity: 'another' });
  });

  it('ends its stream at once without such a time, and when it was not live yet', () => {
    const { streams, publisher } = setUp();
    const { publication } = publisher('first');
    publication.live();
    publication.lost('silent');
    expect(streams.find(KEY)).toBeUndefined();
    const graceful = setUp({ publisherGraceMs: 5000 });
    graceful.publisher('first').publication.lost('silent');
    graceful.publisher('second', { identity: 'another' });
  });

  it('leaves nothing behind when the stream is closed meanwhile', async () => {
    const { clock, streams, publisher, reader } = setUp({ publisherGraceMs: 5000 });
    const first = publisher('first');
    first.publication.live();
    const viewer = reader();
    first.publication.lost('silent');
    const second = publisher('second');
    streams.find(KEY)?.close('kicked');
    expect(second.close).toHaveBeenCalledExactlyOnceWith('kicked');
    second.publication.live();
    await clock.advance(5000);
    expect(viewer.onEnded).toHaveBeenCalledExactlyOnceWith('kicked');
    expect(streams.list()).toEqual([]);
  });
});

describe('publisherIdentity', () => {
  const remote = { address: '192.0.2.1', port: 1 };
  const open = { credentials: {}, query: '', remote };

  it('is that of the credentials and the key, and of the address where there are none', () => {
    const token = { ...open, credentials: { token: 'a' } };
    const elsewhere = { address: '192.0.2.2', port: 2 };
    expect(publisherIdentity({ ...token, remote: elsewhere })).toBe(publisherIdentity(token));
    expect(publisherIdentity({ ...open, remote: { ...remote, port: 9 } })).toBe(publisherIdentity(open));
    const all = [open, token, { ...open, remote: elsewhere }, { ...open, query: 'key=1' }, { ...open, credentials: { token: 'b' } }, { ...open, credentials: { username: 'a' } }];
    expect(new Set(all.map(publisherIdentity)).size).toBe(all.length);
  });

  it('is the one that the hooks gave, whatever credentials prove it', () => {
    const alice = { ...open, grant: { identity: 'alice' } };
    expect(publisherIdentity({ ...alice, credentials: { token: 'b' }, query: 'key=1' })).toBe(publisherIdentity(alice));
    const others = [open, { ...open, grant: { identity: undefined } }, { ...open, grant: { identity: 'bob' } }, { ...open, credentials: { token: 'alice' } }];
    for (const other of others) expect(publisherIdentity(other)).not.toBe(publisherIdentity(alice));
  });
});
