import { describe, expect, it, vi } from 'vitest';
import { type HookHandler, type SessionSummary, allow, deny } from './hook-points.ts';
import type { Negotiate } from './plugin.ts';
import { fakeSession, rejectionOf, sampleRequest, settle, testManager } from './testing/index.ts';

/** A manager whose publish hook is given, and what its sessions said when they ended. */
async function setUp(publish: HookHandler<'publish'>, negotiate: Negotiate = () => fakeSession()) {
  const test = testManager({ timeouts: { hookMs: 50, negotiateMs: 5_000, closeMs: 50 } });
  const ended: SessionSummary[] = [];
  test.manager.hook('session-closed', (summary) => void ended.push(summary));
  test.manager.hook('publish', publish);
  test.manager.registerPlugin('push', negotiate, { access: 'publish' });
  await test.manager.ready();
  const push = () => test.manager.negotiateSdp('push', sampleRequest({ credentials: { token: 'secret' } }));
  return { ...test, ended, push };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a lifetime', () => {
  it('runs from the verdict, whatever the answer takes', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const slow: Negotiate = async () => (await promise) ?? fakeSession();
    const { clock, manager, ended, push } = await setUp(() => allow({ lifetimeMs: 3_000 }), slow);
    const pushed = push();
    await clock.advance(2_000);
    resolve(undefined);
    const { record } = await pushed;
    expect(record.grant).toEqual({ endsAt: clock.now() + 1_000, renewsAt: undefined, maxReaders: undefined, control: undefined, identity: undefined });
    await clock.advance(999);
    expect(manager.sessions.size).toBe(1);
    await clock.advance(1);
    expect(ended).toMatchObject([{ reason: 'lifetime over', durationMs: 1_000 }]);
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when the session ends before it', async () => {
    const { clock, manager, push } = await setUp(() => allow({ lifetimeMs: 60_000, renew: true }));
    const { record } = await push();
    await manager.closeSession(record.id, 'enough');
    expect(clock.pending).toBe(0);
  });
});

describe('a renewal', () => {
  it('asks the same question again, and the session goes on as the answer says', async () => {
    const hook = vi.fn<HookHandler<'publish'>>(() => allow({ lifetimeMs: 2_000, renew: true, control: false }));
    const { clock, manager, push } = await setUp(hook);
    const { record } = await push();
    expect(record.grant).toMatchObject({ endsAt: undefined, renewsAt: clock.now() + 2_000, control: false });
    hook.mockReturnValue(allow({ lifetimeMs: 5_000, renew: true, control: true }));
    await clock.advance(2_000);
    expect(hook).toHaveBeenCalledTimes(2);
    const [first, second] = hook.mock.calls.map(([request]) => request);
    expect(second).toEqual({ ...first, renewal: true });
    expect(record.grant).toMatchObject({ renewsAt: clock.now() + 5_000, control: true });
    await clock.advance(4_999);
    expect(hook).toHaveBeenCalledTimes(2);
    await clock.advance(1);
    expect(hook).toHaveBeenCalledTimes(3);
    expect(manager.sessions.size).toBe(1);
  });

  it('shows its outcome to the plugin that made the session', async () => {
    let grant: unknown;
    const hook = vi.fn<HookHandler<'publish'>>(() => allow({ lifetimeMs: 2_000, renew: true }));
    const { clock, push } = await setUp(hook, (request) => {
      ({ grant } = request);
      return fakeSession();
    });
    await push();
    hook.mockReturnValue(allow({ control: false }));
    await clock.advance(2_000);
    expect(grant).toMatchObject({ renewsAt: undefined, control: false });
    expect(clock.pending).toBe(0);
  });

  it('that is refused closes the session with the reason', async () => {
    const { clock, ended, logger, push } = await setUp(({ renewal }) => (renewal ? deny('Not any more.') : allow({ lifetimeMs: 2_000, renew: true })));
    await push();
    await clock.advance(2_000);
    expect(ended).toMatchObject([{ reason: 'Not any more.', durationMs: 2_000 }]);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'Access was not renewed: Not any more.' }));
    expect(JSON.stringify(logger.lines)).not.toContain('secret');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down')), 'The publish hook of host failed.'],
    ['hangs', never, 'The publish hook of host did not answer within 50 ms.'],
    ['grants another stream', () => allow({ stream: 'other' }), 'Access has been granted to another stream instead.'],
  ] as readonly [string, HookHandler<'publish'>, string][])('whose hook %s closes the session', async (_what, again, reason) => {
    const { clock, ended, push } = await setUp((request, signal) => (request.renewal ? again(request, signal) : allow({ lifetimeMs: 2_000, renew: true })));
    await push();
    await clock.advance(2_050);
    expect(ended).toMatchObject([{ reason }]);
    expect(clock.pending).toBe(0);
  });

  it('lets the session live while it runs, but not beyond the end that another hook has set', async () => {
    const { clock, manager, ended, push } = await setUp(({ renewal }) => (renewal ? never() : allow({ lifetimeMs: 2_000, renew: true })));
    manager.hook('publish', () => allow({ lifetimeMs: 2_020 }));
    await push();
    await clock.advance(2_019);
    expect(ended).toEqual([]);
    await clock.advance(1);
    expect(ended).toMatchObject([{ reason: 'lifetime over' }]);
    await clock.advance(1_000);
    expect(ended).toHaveLength(1);
  });

  it('does not put off the end that another hook has set', async () => {
    const { clock, manager, ended, push } = await setUp(() => allow({ lifetimeMs: 1_000, renew: true }));
    manager.hook('publish', () => allow({ lifetimeMs: 2_500 }));
    await push();
    await clock.advance(2_500);
    expect(ended).toMatchObject([{ reason: 'lifetime over', durationMs: 2_500 }]);
  });

  it('is given up with its session', async () => {
    let signal: AbortSignal | undefined;
    const { clock, manager, ended, push } = await setUp(({ renewal }, own) => {
      if (!renewal) return allow({ lifetimeMs: 2_000, renew: true });
      signal = own;
      return never();
    });
    const { record } = await push();
    await clock.advance(2_000);
    expect(signal?.aborted).toBe(false);
    await manager.closeSession(record.id, 'enough');
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(ended).toMatchObject([{ reason: 'enough' }]);
    expect(clock.pending).toBe(0);
  });

  it('does not come more often than once a second', async () => {
    const hook = vi.fn<HookHandler<'publish'>>(() => allow({ lifetimeMs: 0, renew: true }));
    const { clock, push } = await setUp(hook);
    await push();
    await clock.advance(3_500);
    expect(hook).toHaveBeenCalledTimes(4);
  });
});

describe('the number of readers that a hook grants', () => {
  const KEY = { vhost: '__defaultVhost__', app: 'live', stream: 'test' };

  it('refuses the surplus viewer, however many waited together', async () => {
    const { manager, engine } = testManager();
    const joined = vi.fn<(sessionId: string) => void>();
    manager.hook('play', () => allow({ maxReaders: 2 }));
    manager.registerPlugin(
      'play',
      async (request, ctx) => {
        const stream = await ctx.streams.waitFor(request, request.signal);
        stream.addReader({ sessionId: request.sessionId, onEnded: () => undefined });
        joined(request.sessionId);
        return fakeSession();
      },
      { access: 'play' },
    );
    await manager.ready();
    const viewing = [1, 2, 3].map(() => manager.negotiateSdp('play', sampleRequest()));
    const refused = rejectionOf(Promise.all(viewing));
    await settle();
    const publication = manager.streams.publish(KEY, { tracks: [], close: () => undefined });
    publication.live();
    expect(await refused).toMatchObject({ code: 'STREAM_FULL', status: 503, message: expect.stringContaining('the 2 viewers') });
    expect(joined).toHaveBeenCalledTimes(2);
    expect(publication.stream.readerCount).toBe(2);
    expect(manager.counters.readersRefused).toBe(1);
    expect(engine.transportCount).toBe(0);
  });

  it('to a publisher bounds all viewers of its stream', async () => {
    const { manager } = testManager();
    manager.hook('publish', () => allow({ maxReaders: 1 }));
    const publish: Negotiate = ({ sessionId }, ctx) => {
      ctx.streams.publish(KEY, { sessionId, tracks: [], close: () => undefined }).live();
      return fakeSession();
    };
    manager.registerPlugin('push', publish, { access: 'publish' });
    await manager.ready();
    await manager.negotiateSdp('push', sampleRequest());
    const stream = manager.streams.find(KEY);
    const join = () => stream?.addReader({ sessionId: 'viewer', onEnded: () => undefined });
    const leave = join();
    expect(join).toThrow(expect.objectContaining({ code: 'STREAM_FULL' }));
    leave?.();
    expect(join).not.toThrow();
  });
});
