import { describe, expect, it, vi } from 'vitest';
import { MediaError } from './errors.ts';
import { HookBus } from './hook-bus.ts';
import type { HookHandler, StreamStarter } from './hook-points.ts';
import { ManagerSettings } from './manager-options.ts';
import type { StreamOptions } from './manager-types.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import { ManagedStreams } from './stream-registry.ts';
import type { PublicationSource } from './stream.ts';
import { FakeClock, MemoryLogger, rejectionOf, sampleAccessRequest, settle } from './testing/index.ts';

const KEY = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };
const SOURCE: PublicationSource = { tracks: [], query: 'key=1', close: () => undefined };
const CLOSED = new MediaError('MANAGER_CLOSED', 'closing');

function setUp(changes: Partial<StreamOptions & { maxWaiters: number }> = {}) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const { maxWaiters = 10, ...rules } = changes;
  const settings = new ManagerSettings({
    clock,
    logger,
    timeouts: { hookMs: 100 },
    limits: { maxWaiters, maxPendingNotifications: 10 },
    streams: { maxStreamWaitMs: 1000, noneReaderDelayMs: 500, takeover: 'silent', ...rules },
  });
  const hooks = new HookBus(settings);
  const streams = new ManagedStreams({ settings, hooks, maxReadersOf: () => undefined, sourceStarters: () => [] });
  const wait = (signal = new AbortController().signal) => streams.waitFor(sampleAccessRequest(), signal);
  const publish = (source = SOURCE) => streams.publish(KEY, source);
  return { clock, logger, hooks, streams, wait, publish };
}

function watched(answer: HookHandler<'none-reader'>) {
  const test = setUp();
  const hook = vi.fn(answer);
  const close = vi.fn<(reason: string) => void>();
  test.hooks.add('a', 'none-reader', hook);
  const publication = test.publish({ ...SOURCE, close });
  publication.live();
  const watch = () => publication.stream.addReader({ sessionId: 'reader', onEnded: () => undefined });
  return { ...test, hook, close, publication, watch };
}

const failsToStart = (reason: Error): StreamStarter => ({ start: () => Promise.reject(reason) });
const never = (): Promise<never> => new Promise(() => undefined);

describe('publish', () => {
  it('keeps nothing but the name of what it is given', () => {
    const { streams } = setUp();
    const request = sampleAccessRequest();
    const { vhost, app, stream } = request;
    expect(streams.publish(request, SOURCE).stream.key).toEqual({ vhost, app, stream });
  });

  it('lets the first of two that race have the name', () => {
    const { publish, streams } = setUp();
    const first = publish();
    expect(() => publish()).toThrow(expect.objectContaining({ code: 'STREAM_BUSY', status: 409 }));
    expect(streams.find(KEY)).toBeUndefined();
    first.live();
    expect(() => publish()).toThrow(expect.objectContaining({ code: 'STREAM_BUSY' }));
    expect(streams.find(KEY)).toBe(first.stream);
    expect(streams.list()).toEqual([first.stream]);
  });

  it('frees the name at the end, and the old publication cannot harm the new one', () => {
    const { publish, streams } = setUp();
    const first = publish();
    first.end('over');
    const second = publish();
    second.live();
    first.end('over again');
    expect(streams.find(KEY)).toBe(second.stream);
  });

  it('keeps equal names of other apps and hosts apart', () => {
    const { publish, streams } = setUp();
    publish();
    expect(() => streams.publish({ ...KEY, app: 'other' }, SOURCE)).not.toThrow();
    expect(() => streams.publish({ ...KEY, vhost: 'other' }, SOURCE)).not.toThrow();
  });

  it('tells stream-changed once when it goes live and once when it ends', async () => {
    const { publish, hooks } = setUp();
    const changed = vi.fn<HookHandler<'stream-changed'>>();
    hooks.add('a', 'stream-changed', changed);
    const publication = publish();
    publication.live();
    publication.live();
    publication.stream.close('kicked');
    publication.end('over');
    publish().end('never live');
    await settle();
    expect(changed.mock.calls.map(([input]) => input)).toEqual([
      { stream: KEY, live: true },
      { stream: KEY, live: false },
    ]);
  });
});

describe('a viewer of a missing stream', () => {
  it('of a live stream does not wait', async () => {
    const { publish, wait } = setUp();
    const publication = publish();
    publication.live();
    await expect(wait()).resolves.toBe(publication.stream);
  });

  it('is served when somebody publishes', async () => {
    const { clock, publish, wait } = setUp();
    const waiting = [wait(), wait()];
    await clock.advance(999);
    const publication = publish();
    publication.live();
    await expect(Promise.all(waiting)).resolves.toEqual([publication.stream, publication.stream]);
    expect(clock.pending).toBe(0);
  });

  it('waits its own full time and no longer', async () => {
    const { clock, publish, wait } = setUp();
    const first = rejectionOf(wait());
    await clock.advance(600);
    const second = wait();
    await clock.advance(400);
    await expect(first).resolves.toMatchObject({ code: 'STREAM_NOT_FOUND', status: 404 });
    await clock.advance(500);
    const publication = publish();
    publication.live();
    await expect(second).resolves.toBe(publication.stream);
    expect(clock.pending).toBe(0);
  });

  it('leaves when it is abandoned, and stops the hook when it was the last', async () => {
    const { clock, hooks, wait } = setUp();
    let hookSignal: AbortSignal | undefined;
    hooks.add('a', 'stream-not-found', (_request, signal) => {
      hookSignal = signal;
      return never();
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const failures = [rejectionOf(wait(first.signal)), rejectionOf(wait(second.signal))];
    await settle();
    first.abort();
    await expect(failures[0]).resolves.toMatchObject({ code: 'REQUEST_ABORTED' });
    expect(hookSignal?.aborted).toBe(false);
    second.abort();
    await expect(failures[1]).resolves.toMatchObject({ code: 'REQUEST_ABORTED' });
    expect(hookSignal?.aborted).toBe(true);
    await settle();
    expect(clock.pending).toBe(0);
  });

  it('that is gone already does not wait at all', async () => {
    const { clock, wait } = setUp();
    await expect(wait(AbortSignal.abort())).rejects.toMatchObject({ code: 'REQUEST_ABORTED' });
    expect(clock.pending).toBe(0);
  });

  it('is refused when too many wait, and that is counted', async () => {
    const { clock, publish, streams, wait } = setUp({ maxWaiters: 1 });
    const first = wait();
    await expect(wait()).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
    expect(streams.waitersRefused).toBe(1);
    const publication = publish();
    publication.live();
    await first;
    publication.end('over');
    const failure = rejectionOf(wait());
    await clock.advance(1000);
    await expect(failure).resolves.toMatchObject({ code: 'STREAM_NOT_FOUND' });
  });

  it('is refused when the registry closes, now and later', async () => {
    const { clock, publish, streams, wait } = setUp();
    const waiting = rejectionOf(wait());
    streams.close(CLOSED, 'server closing');
    await expect(waiting).resolves.toBe(CLOSED);
    await expect(wait()).rejects.toBe(CLOSED);
    expect(() => publish()).toThrow(CLOSED);
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe('the stream-not-found hook', () => {
  it('is asked once for all who wait', async () => {
    const { hooks, publish, wait } = setUp();
    const hook = vi.fn<HookHandler<'stream-not-found'>>(() => 'wait');
    hooks.add('a', 'stream-not-found', hook);
    const waiting = [wait(), wait()];
    await settle();
    waiting.push(wait());
    await settle();
    expect(hook).toHaveBeenCalledExactlyOnceWith(sampleAccessRequest(), expect.any(AbortSignal));
    publish().live();
    await Promise.all(waiting);
  });

  it('is asked again after the wait has ended', async () => {
    const { hooks, wait } = setUp();
    const hook = vi.fn<HookHandler<'stream-not-found'>>(() => 'reject');
    hooks.add('a', 'stream-not-found', hook);
    await rejectionOf(wait());
    await rejectionOf(wait());
    expect(hook).toHaveBeenCalledTimes(2);
  });

  it('ends the wait of all at once by a rejection', async () => {
    const { clock, hooks, wait } = setUp();
    hooks.add('a', 'stream-not-found', async () => 'reject' as const);
    const failures = await Promise.all([rejectionOf(wait()), rejectionOf(wait())]);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'STREAM_NOT_FOUND', plugin: 'a' });
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('broken')), 'HOOK_FAILED'],
    ['hangs', never, 'HOOK_TIMEOUT'],
  ])('ends the wait when it %s', async (_what, hook, code) => {
    const { clock, hooks, wait } = setUp();
    hooks.add('culprit', 'stream-not-found', hook);
    const failure = rejectionOf(wait());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code, plugin: 'culprit' });
    expect(clock.pending).toBe(0);
  });

  it('may publish before it answers', async () => {
    const { hooks, publish, wait } = setUp();
    hooks.add('a', 'stream-not-found', () => publish().live());
    await expect(wait()).resolves.toMatchObject({ key: KEY });
  });

  it('is not asked while a publisher connects, but when that one fails', async () => {
    const { hooks, publish, wait } = setUp();
    const hook = vi.fn<HookHandler<'stream-not-found'>>(() => 'reject');
    hooks.add('a', 'stream-not-found', hook);
    const publication = publish();
    const failure = rejectionOf(wait());
    await settle();
    expect(hook).not.toHaveBeenCalled();
    publication.end('failed');
    await expect(failure).resolves.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    expect(hook).toHaveBeenCalledOnce();
  });

  it('is asked without effect when viewers must not wait', async () => {
    const { clock, hooks, wait } = setUp({ maxStreamWaitMs: 0 });
    const start = vi.fn<StreamStarter['start']>();
    const hook = vi.fn<HookHandler<'stream-not-found'>>(() => ({ start }));
    hooks.add('a', 'stream-not-found', hook);
    await expect(wait()).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    await settle();
    expect(hook).toHaveBeenCalledOnce();
    expect(start).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
    await expect(wait()).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    await settle();
    expect(hook).toHaveBeenCalledTimes(2);
  });
});

describe('a starter', () => {
  it('starts the stream for all who wait', async () => {
    const { hooks, publish, wait } = setUp();
    const start = vi.fn<StreamStarter['start']>(async () => publish().live());
    hooks.add('a', 'stream-not-found', () => ({ start }));
    await expect(Promise.all([wait(), wait()])).resolves.toHaveLength(2);
    expect(start).toHaveBeenCalledExactlyOnceWith(KEY, expect.any(AbortSignal));
  });

  it('may publish later than it says it has started', async () => {
    const { clock, hooks, publish, wait } = setUp();
    hooks.add('a', 'stream-not-found', () => ({ start: () => undefined }));
    const waiting = wait();
    await clock.advance(500);
    publish().live();
    await expect(waiting).resolves.toMatchObject({ state: 'live' });
  });

  it('ends the wait of all in its own words when it fails', async () => {
    const { clock, hooks, wait } = setUp();
    hooks.add('a', 'stream-not-found', () => failsToStart(new Error('The camera is off.')));
    const failures = await Promise.all([rejectionOf(wait()), rejectionOf(wait())]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'STREAM_NOT_FOUND', message: 'The camera is off.', plugin: 'a' });
    }
    expect(clock.pending).toBe(0);
  });

  it('keeps the code of its error', async () => {
    const { hooks, wait } = setUp();
    hooks.add('a', 'stream-not-found', () => failsToStart(new MediaError('FORBIDDEN', 'Not that camera.')));
    await expect(wait()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'Not that camera.', plugin: 'a' });
  });

  it('has a deadline', async () => {
    const { clock, hooks, wait } = setUp();
    hooks.add('culprit', 'stream-not-found', () => ({ start: never }));
    const failure = rejectionOf(wait());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'HOOK_TIMEOUT', plugin: 'culprit' });
  });

  it('is stopped when nobody waits any more', async () => {
    const { hooks, wait } = setUp();
    let startSignal: AbortSignal | undefined;
    const start: StreamStarter['start'] = (_key, signal) => {
      startSignal = signal;
      return never();
    };
    hooks.add('a', 'stream-not-found', () => ({ start }));
    const viewer = new AbortController();
    const failure = rejectionOf(wait(viewer.signal));
    await settle();
    viewer.abort();
    await failure;
    expect(startSignal?.aborted).toBe(true);
  });
});

describe('none-reader', () => {
  it('is not asked for a stream that nobody has ever watched', async () => {
    const { clock, hook } = watched(() => 'close');
    await clock.advance(10_000);
    expect(hook).not.toHaveBeenCalled();
  });

  it('is asked when the last viewer has been gone for the idle time', async () => {
    const { clock, hook, watch } = watched(() => 'keep');
    const [first, second] = [watch(), watch()];
    first();
    await clock.advance(1000);
    second();
    await clock.advance(499);
    expect(hook).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(hook).toHaveBeenCalledExactlyOnceWith({ stream: KEY, idleMs: 500, query: 'key=1' }, expect.any(AbortSignal));
  });

  it('is disarmed by a new viewer and armed again when that one leaves', async () => {
    const { clock, hook, watch } = watched(() => 'keep');
    watch()();
    await clock.advance(499);
    const leave = watch();
    await clock.advance(1000);
    expect(hook).not.toHaveBeenCalled();
    leave();
    await clock.advance(500);
    expect(hook).toHaveBeenCalledOnce();
  });

  it('is asked once per idle period when the stream is kept', async () => {
    const { clock, hook, watch } = watched(() => 'keep');
    watch()();
    await clock.advance(1500);
    expect(hook.mock.calls.map(([{ idleMs }]) => idleMs)).toEqual([500, 1000, 1500]);
  });

  it('closes the source when told to', async () => {
    const { clock, close, streams, watch } = watched(async () => 'close' as const);
    watch()();
    await clock.advance(500);
    expect(close).toHaveBeenCalledExactlyOnceWith('no viewers');
    expect(streams.find(KEY)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it.each<[string, HookHandler<'none-reader'>]>([
    ['does not answer', () => undefined],
    ['throws', () => Promise.reject(new Error('broken'))],
    ['hangs', never],
  ])('keeps the stream when its hook %s', async (_what, hook) => {
    const { clock, close, watch } = watched(hook);
    watch()();
    await clock.advance(700);
    expect(close).not.toHaveBeenCalled();
  });

  it('does not count an answer that a new viewer has overtaken', async () => {
    const { promise, resolve } = Promise.withResolvers<'close'>();
    const { clock, close, hook, watch } = watched(() => promise);
    watch()();
    await clock.advance(500);
    watch();
    expect(hook.mock.calls[0]?.[1].aborted).toBe(true);
    resolve('close');
    await clock.advance(1000);
    expect(close).not.toHaveBeenCalled();
    expect(hook).toHaveBeenCalledOnce();
  });

  it('leaves no timer behind a stream that ended', async () => {
    const { clock, publication, watch } = watched(() => 'keep');
    watch()();
    publication.end('over');
    expect(clock.pending).toBe(0);
  });
});

describe('close', () => {
  it('ends every stream and closes its source', () => {
    const { publish, streams } = setUp();
    const close = vi.fn<(reason: string) => void>();
    const publication = publish({ ...SOURCE, close });
    streams.close(CLOSED, 'server closing');
    expect(publication.stream.state).toBe('ended');
    expect(close).toHaveBeenCalledExactlyOnceWith('server closing');
  });
});
