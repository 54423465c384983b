import { describe, expect, it, vi } from 'vitest';
import { unboundedGrant } from './grant.ts';
import { HookBus } from './hook-bus.ts';
import { type HookHandler, HOOK_ORDERS, allow, deny } from './hook-points.ts';
import { ManagerSettings } from './manager-options.ts';
import { FakeClock, MemoryLogger, rejectionOf, sampleAccessRequest, settle } from './testing/index.ts';

function setUp(maxPendingNotifications = 10) {
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const settings = new ManagerSettings({ clock, logger, timeouts: { hookMs: 100 }, limits: { maxPendingNotifications } });
  const bus = new HookBus(settings);
  const { signal } = new AbortController();
  const publish = () => bus.veto('publish', sampleAccessRequest(), signal);
  const notFound = () => bus.first('stream-not-found', sampleAccessRequest(), signal);
  return { clock, logger, bus, signal, publish, notFound };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a deadline of its own', () => {
  it('holds instead of the common one', async () => {
    const { bus, clock, publish } = setUp();
    bus.add('slow', 'publish', { order: 'url', handler: never, deadlineMs: 250 });
    const refusal = rejectionOf(publish());
    await clock.advance(249);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await refusal).toMatchObject({ code: 'HOOK_TIMEOUT', message: expect.stringContaining('within 250 ms') });
  });

  it('must be a time', () => {
    const { bus } = setUp();
    expect(() => bus.add('a', 'publish', { order: 'url', handler: never, deadlineMs: 0 })).toThrow('deadlineMs');
  });
});

describe('order', () => {
  it('is pre, normal, post, and as registered within each', async () => {
    const { bus, publish } = setUp();
    const called: string[] = [];
    const say = (name: string): HookHandler<'publish'> => () => void called.push(name);
    bus.add('a', 'publish', { order: 'post', handler: say('post 1') });
    bus.add('a', 'publish', say('normal 1'));
    bus.add('a', 'publish', { order: 'pre', handler: say('pre 1') });
    bus.add('b', 'publish', { order: 'post', handler: say('post 2') });
    bus.add('b', 'publish', { order: 'normal', handler: say('normal 2') });
    bus.add('b', 'publish', { order: 'pre', handler: say('pre 2') });
    await publish();
    expect(called).toEqual(['pre 1', 'pre 2', 'normal 1', 'normal 2', 'post 1', 'post 2']);
  });

  it('has a stage for each kind of decision', async () => {
    const { bus, publish } = setUp();
    const called: string[] = [];
    for (const order of HOOK_ORDERS.toReversed()) bus.add('a', 'publish', { order, handler: () => void called.push(order) });
    await publish();
    expect(called).toEqual(['pre', 'address', 'credentials', 'url', 'normal', 'post']);
  });

  it('loses a hook by its undo, which may be called again', async () => {
    const { bus, publish } = setUp();
    const handler = vi.fn<HookHandler<'publish'>>();
    const undo = bus.add('a', 'publish', handler);
    bus.add('b', 'publish', handler);
    expect(bus.has('publish')).toBe(true);
    undo();
    undo();
    await publish();
    expect(handler).toHaveBeenCalledOnce();
  });

  it('of a call under way stays as it was', async () => {
    const { bus, publish } = setUp();
    const second = vi.fn<HookHandler<'publish'>>();
    bus.add('a', 'publish', () => undo());
    const undo = bus.add('b', 'publish', second);
    await publish();
    expect(second).toHaveBeenCalledOnce();
  });
});

describe('veto', () => {
  it('without hooks or answers, everything is allowed', async () => {
    const { bus, publish } = setUp();
    await expect(publish()).resolves.toEqual(unboundedGrant(sampleAccessRequest()));
    bus.add('a', 'publish', () => undefined);
    await expect(publish()).resolves.toEqual(unboundedGrant(sampleAccessRequest()));
  });

  it('ends with the first refusal, in the words of the hook', async () => {
    const { bus, publish } = setUp();
    const later = vi.fn<HookHandler<'publish'>>();
    bus.add('a', 'publish', () => allow());
    bus.add('b', 'publish', async () => deny('Not on Sundays.'));
    bus.add('c', 'publish', later);
    await expect(publish()).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403, message: 'Not on Sundays.', plugin: 'b' });
    expect(later).not.toHaveBeenCalled();
  });

  it('can ask for other credentials', async () => {
    const { bus, publish } = setUp();
    bus.add('a', 'publish', () => deny('Who are you?', 401));
    await expect(publish()).rejects.toMatchObject({ code: 'UNAUTHORISED', status: 401, message: 'Who are you?' });
  });

  it('takes the smallest lifetime', async () => {
    const { bus, publish } = setUp();
    for (const lifetimeMs of [300, 100, 200, Infinity]) bus.add('a', 'publish', () => allow({ lifetimeMs }));
    await expect(publish()).resolves.toMatchObject({ lifetimeMs: 100, renewAfterMs: undefined });
  });

  it('keeps the lifetime of who wants a renewal apart from that of who wants an end', async () => {
    const { bus, publish } = setUp();
    for (const lifetimeMs of [300, 400]) bus.add('a', 'publish', () => allow({ lifetimeMs }));
    for (const lifetimeMs of [100, 200]) bus.add('b', 'publish', () => allow({ lifetimeMs, renew: true }));
    await expect(publish()).resolves.toMatchObject({ lifetimeMs: 300, renewAfterMs: 100 });
  });

  it.each([
    { said: [undefined, undefined], control: undefined },
    { said: [undefined, true], control: true },
    { said: [true, undefined], control: true },
    { said: [false, true], control: false },
    { said: [true, false], control: false },
  ])('of several words on control, $said, makes $control', async ({ said, control }) => {
    const { bus, publish } = setUp();
    for (const own of said) bus.add('a', 'publish', () => allow({ control: own }));
    await expect(publish()).resolves.toMatchObject({ control });
  });

  it('takes the last word on who it is, and none that is no text', async () => {
    const { bus, publish } = setUp();
    for (const identity of ['alice', 'bob', undefined]) bus.add('a', 'publish', () => allow({ identity }));
    await expect(publish()).resolves.toMatchObject({ identity: 'bob' });
    bus.add('a', 'publish', () => allow({ identity: '' }));
    await expect(publish()).rejects.toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining('an identity that is no text') });
  });

  it('takes the smallest number of readers', async () => {
    const { bus, publish } = setUp();
    for (const maxReaders of [undefined, 5, 3, 4]) bus.add('a', 'publish', () => allow({ maxReaders }));
    await expect(publish()).resolves.toMatchObject({ maxReaders: 3 });
  });

  it('shows a chosen stream name to the hooks after it', async () => {
    const { bus, publish } = setUp();
    bus.add('a', 'publish', () => allow({ stream: 'chosen' }));
    bus.add('b', 'publish', ({ stream }) => (stream === 'chosen' ? deny('That one is mine.') : allow()));
    await expect(publish()).rejects.toMatchObject({ code: 'FORBIDDEN', plugin: 'b' });
  });

  it.each(['address', 'credentials'] as const)('asks a hook of the order %s again about a name that was chosen after it, and no other', async (order) => {
    const { bus, publish } = setUp();
    const asked: string[] = [];
    const noting = (name: string) => ({ stream }: { readonly stream: string }) => void asked.push(`${name} of ${stream}`);
    bus.add('rules', 'publish', { order, handler: ({ stream }) => (noting('rules')({ stream }), stream === 'secret' ? deny('Not yours.') : allow({ stream: 'first' })) });
    bus.add('url', 'publish', { order: 'url', handler: noting('url') });
    const undo = bus.add('code', 'publish', () => allow({ stream: 'open' }));
    await expect(publish()).resolves.toMatchObject({ request: { stream: 'open' } });
    expect(asked).toEqual(['rules of test', 'url of first', 'rules of open']);
    undo();
    bus.add('code', 'publish', () => allow({ stream: 'secret' }));
    await expect(publish()).rejects.toMatchObject({ code: 'FORBIDDEN', plugin: 'rules' });
  });

  it.each([
    ['a throw', () => Promise.reject(new Error('stack and all')), 'HOOK_FAILED'],
    ['an answer that is none', () => true as never, 'HOOK_FAILED'],
    ['a name that cannot be used', () => allow({ stream: 'a/b' }), 'HOOK_FAILED'],
    ['a lifetime that is no time', () => allow({ lifetimeMs: Number.NaN }), 'HOOK_FAILED'],
    ['a number of readers that is none', () => allow({ maxReaders: -1 }), 'HOOK_FAILED'],
  ])('refuses after %s', async (_what, handler, code) => {
    const { bus, publish } = setUp();
    bus.add('culprit', 'publish', handler);
    await expect(publish()).rejects.toMatchObject({ code, plugin: 'culprit' });
  });

  it('refuses when a hook hangs, and tells the hook', async () => {
    const { bus, clock, publish } = setUp();
    let signal: AbortSignal | undefined;
    bus.add('culprit', 'publish', (_request, own) => {
      signal = own;
      return never();
    });
    const failure = rejectionOf(publish());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'HOOK_TIMEOUT', plugin: 'culprit' });
    expect(signal?.aborted).toBe(true);
  });

  it('stops with the caller', async () => {
    const { bus, clock } = setUp();
    const caller = new AbortController();
    let signal: AbortSignal | undefined;
    bus.add('a', 'publish', (_request, own) => {
      signal = own;
      return never();
    });
    const asked = bus.veto('publish', sampleAccessRequest(), caller.signal);
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'REQUEST_ABORTED', plugin: undefined });
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe('first', () => {
  it('ends with the first answer and names who gave it', async () => {
    const { bus, notFound } = setUp();
    const later = vi.fn<HookHandler<'stream-not-found'>>();
    bus.add('a', 'stream-not-found', () => undefined);
    bus.add('b', 'stream-not-found', () => 'reject');
    bus.add('c', 'stream-not-found', later);
    await expect(notFound()).resolves.toEqual({ owner: 'b', answer: 'reject' });
    expect(later).not.toHaveBeenCalled();
  });

  it('is nothing when nobody answers', async () => {
    await expect(setUp().notFound()).resolves.toBeUndefined();
  });

  it('fails with the hook that fails', async () => {
    const { bus, notFound } = setUp();
    bus.add('culprit', 'stream-not-found', () => {
      throw new Error('broken');
    });
    await expect(notFound()).rejects.toMatchObject({ code: 'HOOK_FAILED', plugin: 'culprit', cause: new Error('broken') });
  });
});

describe('notify', () => {
  const started = { startedAt: 1 };

  it('runs no handler inside the notifier, and all of them afterwards', async () => {
    const { bus } = setUp();
    const called: string[] = [];
    bus.add('a', 'server-started', () => void called.push('a'));
    bus.add('b', 'server-started', () => void called.push('b'));
    bus.notify('server-started', started);
    expect(called).toEqual([]);
    await bus.settled();
    expect(called).toEqual(['a', 'b']);
  });

  it('logs a throwing and a hanging handler with their owner, and goes on', async () => {
    const { bus, clock, logger } = setUp();
    const last = vi.fn<HookHandler<'server-started'>>();
    bus.add('throws', 'server-started', () => {
      throw new Error('broken');
    });
    bus.add('hangs', 'server-started', never);
    bus.add('works', 'server-started', last);
    bus.notify('server-started', started);
    await clock.advance(100);
    expect(last).toHaveBeenCalledOnce();
    expect(logger.lines.map(({ level, fields }) => [level, fields['plugin']])).toEqual([
      ['error', 'throws'],
      ['error', 'hangs'],
    ]);
  });

  it('drops and counts what a slow handler cannot take, and recovers', async () => {
    const { bus, clock } = setUp(2);
    const slow = vi.fn<HookHandler<'server-started'>>(never);
    const quick = vi.fn<HookHandler<'server-started'>>();
    bus.add('slow', 'server-started', slow);
    bus.add('quick', 'server-started', quick);
    for (let round = 0; round < 3; round++) {
      bus.notify('server-started', started);
      await settle();
    }
    expect(slow).toHaveBeenCalledTimes(2);
    expect(quick).toHaveBeenCalledTimes(3);
    expect(bus.dropped).toBe(1);
    await clock.advance(100);
    bus.notify('server-started', started);
    await settle();
    expect(slow).toHaveBeenCalledTimes(3);
  });
});

it('tells a quick handler everything that happens at the same moment, and a slow one as much as it may have pending', async () => {
  const { bus } = setUp(2);
  const slow = vi.fn<HookHandler<'server-started'>>(never);
  const quick = vi.fn<HookHandler<'server-started'>>();
  bus.add('slow', 'server-started', slow);
  bus.add('quick', 'server-started', quick);
  for (let round = 0; round < 5; round++) bus.notify('server-started', { startedAt: round });
  await settle();
  expect(quick).toHaveBeenCalledTimes(5);
  expect(slow).toHaveBeenCalledTimes(2);
  expect(bus.dropped).toBe(3);
});

describe('registration', () => {
  it('refuses unknown points, orders and things that are no function', () => {
    const { bus } = setUp();
    const invalid = expect.objectContaining({ code: 'PLUGIN_INVALID', plugin: 'culprit' });
    expect(() => bus.add('culprit', 'no-point' as 'publish', () => undefined)).toThrow(invalid);
    expect(() => bus.add('culprit', 'publish', {} as never)).toThrow(invalid);
    expect(() => bus.add('culprit', 'publish', { order: 'first' as 'pre', handler: () => undefined })).toThrow(invalid);
  });
});
