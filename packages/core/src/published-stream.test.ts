import { describe, expect, it, vi } from 'vitest';
import { ManagerSettings } from './manager-options.ts';
import { PublishedStream } from './published-stream.ts';
import { FakeClock, FakeTrack, MemoryLogger } from './testing/index.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import type { PublicationSource, Reader } from './stream.ts';

const KEY = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };

function setUp(source: Partial<PublicationSource> = {}) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const events = { maxReadersOf: () => undefined, onReaderRefused: vi.fn(), onLive: vi.fn(), onEnded: vi.fn(), onFirstReader: vi.fn(), onNoReader: vi.fn() };
  const close = vi.fn<(reason: string) => void>();
  const publisher: PublicationSource = { tracks: [], close, ...source };
  const settings = new ManagerSettings({ clock, logger });
  const stream = new PublishedStream({ key: KEY, source: publisher, settings, events });
  return { clock, logger, events, stream, publisher, close };
}

function fakeReader(changes: Partial<Reader> = {}) {
  return { sessionId: 'reader', onMessage: vi.fn<NonNullable<Reader['onMessage']>>(), onEnded: vi.fn<Reader['onEnded']>(), ...changes };
}

const broken = (): never => {
  throw new Error('broken');
};

describe('life', () => {
  it('goes from reserved over live to ended, each once', async () => {
    const { stream, publisher, clock, events } = setUp();
    expect(stream).toMatchObject({ state: 'reserved', liveSince: undefined });
    await clock.advance(1000);
    stream.live(publisher);
    expect(stream).toMatchObject({ state: 'live', liveSince: clock.now() });
    stream.live(publisher);
    stream.end(publisher, 'over');
    stream.end(publisher, 'over again');
    stream.live(publisher);
    expect(stream.state).toBe('ended');
    expect(events.onLive).toHaveBeenCalledOnce();
    expect(events.onEnded).toHaveBeenCalledExactlyOnceWith(stream, true, 'over');
  });

  it('tells that a reservation ended without having been live', () => {
    const { stream, publisher, events } = setUp();
    stream.end(publisher, 'failed');
    expect(events.onEnded).toHaveBeenCalledExactlyOnceWith(stream, false, 'failed');
  });

  it('shows the tracks and the session of its source', () => {
    const tracks = [new FakeTrack('1', 'audio')];
    const { stream } = setUp({ tracks, sessionId: 'publisher', query: 'key=1' });
    expect(stream).toMatchObject({ tracks, publisherSessionId: 'publisher', query: 'key=1' });
  });

  it('closed from outside ends and closes the source, once', () => {
    const { stream, close } = setUp();
    const reader = fakeReader();
    stream.addReader(reader);
    stream.close('enough');
    stream.close('enough');
    expect(close).toHaveBeenCalledExactlyOnceWith('enough');
    expect(reader.onEnded).toHaveBeenCalledExactlyOnceWith('enough');
  });

  it('ends also when its source fails to close', () => {
    const { stream, logger } = setUp({ close: broken });
    stream.close('enough');
    expect(stream.state).toBe('ended');
    expect(logger.lines).toMatchObject([{ level: 'error' }]);
  });
});

describe('readers', () => {
  it('are counted, now and in all', () => {
    const { stream } = setUp();
    const leave = stream.addReader(fakeReader());
    stream.addReader(fakeReader());
    leave();
    leave();
    expect(stream).toMatchObject({ readerCount: 1, totalReaderCount: 2 });
  });

  it('first come and last gone are told', () => {
    const { stream, events } = setUp();
    const leaves = [stream.addReader(fakeReader()), stream.addReader(fakeReader())];
    expect(events.onFirstReader).toHaveBeenCalledOnce();
    for (const leave of leaves) leave();
    expect(events.onNoReader).toHaveBeenCalledOnce();
  });

  it('all hear the end once, at once, whatever one of them does', () => {
    const { stream, publisher, events } = setUp();
    const before = fakeReader();
    const after = fakeReader();
    stream.addReader(before);
    stream.addReader(fakeReader({ onEnded: broken }));
    const leave = stream.addReader(after);
    stream.end(publisher, 'over');
    leave();
    expect(before.onEnded).toHaveBeenCalledExactlyOnceWith('over');
    expect(after.onEnded).toHaveBeenCalledExactlyOnceWith('over');
    expect(stream.readerCount).toBe(0);
    expect(events.onNoReader).not.toHaveBeenCalled();
  });

  it('come too late for an ended stream', () => {
    const { stream, publisher } = setUp();
    stream.end(publisher, 'over');
    expect(() => stream.addReader(fakeReader())).toThrow(expect.objectContaining({ code: 'STREAM_ENDED' }));
  });

  it('get messages of the publisher, whatever one of them does', () => {
    const { stream, publisher } = setUp();
    const reader = fakeReader();
    const gone = fakeReader();
    stream.addReader(fakeReader({ onMessage: broken }));
    stream.addReader(reader);
    stream.addReader(gone)();
    stream.broadcast(publisher, 'hello', 'chat');
    expect(reader.onMessage).toHaveBeenCalledExactlyOnceWith('hello', 'chat');
    expect(gone.onMessage).not.toHaveBeenCalled();
  });
});

describe('messages to the publisher', () => {
  it('arrive while the stream is live', () => {
    const deliver = vi.fn();
    const { stream, publisher } = setUp({ deliver });
    stream.deliver('too early', 'chat');
    stream.live(publisher);
    stream.deliver('hello', 'chat');
    stream.end(publisher, 'over');
    stream.deliver('too late', 'chat');
    expect(deliver).toHaveBeenCalledExactlyOnceWith('hello', 'chat');
  });

  it('may fail or find nobody without harm', () => {
    const failing = setUp({ deliver: broken });
    failing.stream.live(failing.publisher);
    expect(() => failing.stream.deliver('hello', 'chat')).not.toThrow();
    const deaf = setUp();
    deaf.stream.live(deaf.publisher);
    expect(() => deaf.stream.deliver('hello', 'chat')).not.toThrow();
  });
});
