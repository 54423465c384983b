import { describe, expect, it, vi } from 'vitest';
import { MediaError } from './errors.ts';
import { type AccessRequest, type HookHandler, type SessionSummary, allow, deny } from './hook-points.ts';
import type { ManagerOptions, NegotiationRequest, SessionListener } from './manager-types.ts';
import type { Negotiate, PluginCapabilities } from './plugin.ts';
import type { WebRtcSession } from './session.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import { type FakeSession, fakeSession, rejectionOf, sampleAccessRequest, sampleOffer, sampleRequest, settle, testManager } from './testing/index.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** A manager with one plugin for `push`, and what its sessions said when they ended. */
async function setUp(
  negotiate: Negotiate = () => fakeSession(),
  access: PluginCapabilities['access'] = 'publish',
  options: Pick<ManagerOptions, 'timeouts' | 'limits' | 'streams'> = {},
) {
  const test = testManager({ ...options, timeouts: { hookMs: 50, negotiateMs: 100, closeMs: 50, ...options.timeouts } });
  const ended: SessionSummary[] = [];
  test.manager.hook('session-closed', (summary) => void ended.push(summary));
  const remove = test.manager.registerPlugin('push', negotiate, { access });
  await test.manager.ready();
  const push = (changes?: Partial<NegotiationRequest>) => test.manager.negotiateSdp('push', sampleRequest(changes));
  return { ...test, ended, remove, push };
}

describe('the way of a request', () => {
  it('is hook, negotiate, listener, answer', async () => {
    const steps: string[] = [];
    const session = fakeSession({
      createAnswer: () => {
        steps.push('answer');
        return 'v=0 answer';
      },
    });
    const { manager, push } = await setUp(() => {
      steps.push('negotiate');
      return session;
    });
    manager.hook('publish', () => void steps.push('hook'));
    manager.setListener(() => void steps.push('listener'));
    const { sdp, record } = await push();
    expect(steps).toEqual(['hook', 'negotiate', 'listener', 'answer']);
    expect(sdp).toBe('v=0 answer');
    expect(session.offers).toEqual([sampleOffer()]);
    expect(manager.sessions.find(record.id)).toBe(record);
  });

  it('gives hook, plugin and listener the same request', async () => {
    const negotiate = vi.fn<Negotiate>(() => fakeSession());
    const { manager, push } = await setUp(negotiate);
    const hook = vi.fn<HookHandler<'publish'>>();
    const listener = vi.fn<SessionListener>();
    manager.hook('publish', hook);
    manager.setListener(listener);
    const { record } = await push({ query: 'key=1', protocol: 'whip', host: 'localhost', headers: { 'user-agent': 'x' }, credentials: { token: 't' } });
    const asked: AccessRequest = sampleAccessRequest({
      type: 'push',
      sessionId: record.id,
      query: 'key=1',
      params: { key: '1' },
      protocol: 'whip',
      headers: { 'user-agent': 'x' },
      credentials: { token: 't' },
      url: 'rtc://localhost/live/test?key=1',
    });
    expect(hook).toHaveBeenCalledExactlyOnceWith(asked, expect.any(AbortSignal));
    const pluginRequest = { ...asked, offer: sampleOffer(), grant: record.grant, signal: expect.any(AbortSignal) };
    expect(negotiate.mock.calls[0]?.[0]).toEqual(pluginRequest);
    expect(listener.mock.calls[0]?.[1]).toEqual(pluginRequest);
  });

  it('is recorded with unguessable id and token', async () => {
    const { clock, push } = await setUp();
    const [first, second] = [await push({ query: 'key=1', protocol: 'zlm' }), await push()];
    expect(first.record).toMatchObject({
      type: 'push',
      plugin: 'inline:push',
      role: 'publisher',
      stream: { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' },
      protocol: 'zlm',
      query: 'key=1',
      remote: { address: '192.0.2.1', port: 50_000 },
      createdAt: clock.now(),
    });
    for (const secret of [first.record.id, first.record.token]) expect(secret).toMatch(/^[\w-]{22}$/);
    expect(new Set([first, second].flatMap(({ record }) => [record.id, record.token])).size).toBe(4);
  });

  it.each([
    ['publish', 'publisher'],
    ['play', 'viewer'],
    ['none', 'other'],
  ] as const)('asks the hook that access %s names', async (access, role) => {
    const { manager, push } = await setUp(undefined, access);
    const [publish, play] = [vi.fn<HookHandler<'publish'>>(), vi.fn<HookHandler<'play'>>()];
    manager.hook('publish', publish);
    manager.hook('play', play);
    const { record } = await push();
    expect(record.role).toBe(role);
    expect([publish.mock.calls.length, play.mock.calls.length]).toEqual([access === 'publish' ? 1 : 0, access === 'play' ? 1 : 0]);
  });

  it('without access needs no stream and has none', async () => {
    const { push } = await setUp(undefined, 'none');
    await expect(push({ app: '', stream: '' })).resolves.toMatchObject({ record: { stream: undefined } });
  });
});

describe('checks before anything runs', () => {
  it.each<[string, Partial<NegotiationRequest>, string]>([
    ['app', { app: '' }, 'ARGUMENT_MISSING'],
    ['stream', { stream: '' }, 'ARGUMENT_MISSING'],
    ['a good name', { stream: 'a/b' }, 'ARGUMENT_INVALID'],
    ['a good offer', { offer: 'garbage' }, 'OFFER_MALFORMED'],
    ['a small offer', { offer: sampleOffer() + 'a=x\r\n'.repeat(20_000) }, 'OFFER_TOO_LARGE'],
  ])('want %s', async (_what, changes, code) => {
    const negotiate = vi.fn<Negotiate>();
    const { manager, push } = await setUp(negotiate);
    const hook = vi.fn<HookHandler<'publish'>>();
    manager.hook('publish', hook);
    await expect(push(changes)).rejects.toMatchObject({ code });
    expect(negotiate).not.toHaveBeenCalled();
    expect(hook).not.toHaveBeenCalled();
  });

  it('want a manager that is ready', async () => {
    const { manager } = testManager();
    await expect(manager.negotiateSdp('push', sampleRequest())).rejects.toMatchObject({ code: 'MANAGER_NOT_READY', status: 503 });
  });

  it('want a known type, and name those there are', async () => {
    const { manager } = await setUp();
    await expect(manager.negotiateSdp('x'.repeat(1000), sampleRequest())).rejects.toMatchObject({
      code: 'TYPE_UNKNOWN',
      message: `No plugin has the negotiation type "${'x'.repeat(64)}"; there are push.`,
    });
  });
});

describe('access', () => {
  it('refused by a hook is refused in its words, and the plugin is not asked', async () => {
    const negotiate = vi.fn<Negotiate>();
    const { manager, push } = await setUp(negotiate);
    manager.hook('publish', () => deny('Not on Sundays.'));
    await expect(push()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'Not on Sundays.', plugin: 'host' });
    expect(negotiate).not.toHaveBeenCalled();
  });

  it('fails closed when a hook throws or hangs', async () => {
    const { manager, clock, push } = await setUp();
    const undo = manager.hook('publish', () => Promise.reject(new Error('broken')));
    await expect(push()).rejects.toMatchObject({ code: 'HOOK_FAILED', plugin: 'host' });
    undo();
    manager.hook('publish', never);
    const failure = rejectionOf(push());
    await clock.advance(50);
    await expect(failure).resolves.toMatchObject({ code: 'HOOK_TIMEOUT', plugin: 'host' });
  });

  it('may choose another stream name', async () => {
    const negotiate = vi.fn<Negotiate>(() => fakeSession());
    const { manager, push } = await setUp(negotiate);
    manager.hook('publish', () => allow({ stream: 'chosen' }));
    const { record } = await push();
    expect(record.stream).toMatchObject({ stream: 'chosen' });
    expect(negotiate.mock.calls[0]?.[0]).toMatchObject({ stream: 'chosen' });
  });

  it('may bound the lifetime; the smallest bound counts', async () => {
    const { manager, clock, ended, push } = await setUp();
    manager.hook('publish', () => allow({ lifetimeMs: 2000 }));
    manager.hook('publish', () => allow({ lifetimeMs: 1000 }));
    await push();
    await clock.advance(999);
    expect(manager.sessions.size).toBe(1);
    await clock.advance(1);
    expect(manager.sessions.size).toBe(0);
    expect(ended).toMatchObject([{ reason: 'lifetime over', durationMs: 1000 }]);
    expect(clock.pending).toBe(0);
  });
});

describe('the listener', () => {
  it('vetoes by throwing; its words go to the client and the session is closed', async () => {
    const session = fakeSession();
    const { manager, ended, push } = await setUp(() => session);
    manager.setListener(() => {
      throw new Error('The room is full.');
    });
    await expect(push()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'The room is full.', plugin: 'host' });
    expect(session).toMatchObject({ closed: true, offers: [] });
    expect(ended).toEqual([]);
  });

  it('keeps the code of a MediaError', async () => {
    const { manager, push } = await setUp();
    manager.setListener(() => Promise.reject(new MediaError('UNAUTHORISED', 'Who are you?')));
    await expect(push()).rejects.toMatchObject({ code: 'UNAUTHORISED', message: 'Who are you?' });
  });

  it('stands under the deadline too', async () => {
    // Slow to close, so that only the deadline can keep a late agreement from making an answer.
    const session = fakeSession({ onClose: never });
    const { promise, resolve } = Promise.withResolvers<void>();
    const { manager, clock, push } = await setUp(() => session);
    manager.setListener(() => promise);
    const failure = rejectionOf(push());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'HOOK_TIMEOUT', plugin: 'host' });
    resolve();
    await settle();
    expect(session).toMatchObject({ closeCalls: 1, offers: [] });
  });

  it('is one slot, and an old undo does not touch its successor', async () => {
    const { manager, push } = await setUp();
    const [first, second] = [vi.fn<SessionListener>(), vi.fn<SessionListener>()];
    const undoFirst = manager.setListener(first);
    const undoSecond = manager.setListener(second);
    undoFirst();
    await push();
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
    undoSecond();
    await push();
    manager.setListener(second);
    manager.setListener(undefined);
    await push();
    expect(second).toHaveBeenCalledOnce();
  });
});

describe('a plugin at fault', () => {
  it('that throws becomes PLUGIN_FAILED without its inner words, which stay as the cause', async () => {
    const cause = new Error('password of db is 1234\n    at file.js:1');
    const { logger, push } = await setUp(() => Promise.reject(cause));
    const failure = await rejectionOf(push());
    expect(failure).toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'inline:push', cause });
    expect(failure).toMatchObject({ message: 'Plugin inline:push failed in negotiate; the log of the server says why.' });
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { plugin: 'inline:push', err: failure } });
  });

  it('that throws a MediaError keeps code and words, and is named', async () => {
    const { push } = await setUp(() => {
      throw new MediaError('STREAM_BUSY', 'Somebody else is already publishing this stream.');
    });
    await expect(push()).rejects.toMatchObject({
      code: 'STREAM_BUSY',
      status: 409,
      message: 'Somebody else is already publishing this stream.',
      plugin: 'inline:push',
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['something else', { close: () => undefined }],
  ])('that gives %s for a session is named', async (_what, session) => {
    const { push } = await setUp(() => session as WebRtcSession);
    await expect(push()).rejects.toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'inline:push' });
  });

  it('whose answer fails or is empty loses its session', async () => {
    for (const createAnswer of [() => Promise.reject(new Error('broken')), () => '']) {
      const session = fakeSession({ createAnswer });
      const { manager, ended, push } = await setUp(() => session);
      await expect(push()).rejects.toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'inline:push' });
      expect(session.closed).toBe(true);
      expect(manager.sessions.size).toBe(0);
      expect(ended).toEqual([]);
    }
  });

  it('that hangs in negotiate is named, and a session that comes late is closed', async () => {
    const session = fakeSession();
    const { promise, resolve } = Promise.withResolvers<FakeSession>();
    let signal: AbortSignal | undefined;
    const { clock, manager, push } = await setUp((request) => {
      signal = request.signal;
      return promise;
    });
    const failure = rejectionOf(push());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT', status: 504, plugin: 'inline:push' });
    expect(signal?.aborted).toBe(true);
    resolve(session);
    await settle();
    expect(session).toMatchObject({ closed: true, offers: [] });
    expect(manager.sessions.size).toBe(0);
  });

  it('that hangs in createAnswer is named, told and loses its session', async () => {
    let signal: AbortSignal | undefined;
    const session = fakeSession({
      createAnswer: (_offer, own) => {
        signal = own;
        return never();
      },
    });
    const { clock, push } = await setUp(() => session);
    const failure = rejectionOf(push());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT', message: expect.stringContaining('createAnswer') });
    expect(signal?.aborted).toBe(true);
    expect(session.closed).toBe(true);
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it('whose session hangs in closing does not hold up the client', async () => {
    const session = fakeSession({ createAnswer: () => Promise.reject(new Error('broken')), onClose: never });
    const { clock, logger, push } = await setUp(() => session);
    await expect(push()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    await clock.advance(50);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { err: { code: 'PLUGIN_TIMEOUT' } } });
  });
});

describe('a viewer', () => {
  it('may wait for its stream on top of the deadline', async () => {
    const options = { streams: { maxStreamWaitMs: 1000 } };
    const negotiate: Negotiate = async (request, ctx) => {
      await ctx.streams.waitFor(request, request.signal);
      return fakeSession({ createAnswer: never });
    };
    const { clock, manager, push } = await setUp(negotiate, 'play', options);
    const failure = rejectionOf(push());
    await clock.advance(999);
    manager.streams.publish(sampleAccessRequest(), { tracks: [], close: () => undefined }).live();
    await clock.advance(100);
    expect(clock.pending).toBeGreaterThan(0);
    await clock.advance(1);
    await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  });

  it('of a stream that nobody publishes hears that, not that a plugin was slow', async () => {
    const negotiate: Negotiate = async (request, ctx) => {
      await ctx.streams.waitFor(request, request.signal);
      return fakeSession();
    };
    const { clock, push } = await setUp(negotiate, 'play', { streams: { maxStreamWaitMs: 1000 } });
    const failure = rejectionOf(push());
    await clock.advance(1000);
    await expect(failure).resolves.toMatchObject({ code: 'STREAM_NOT_FOUND', plugin: 'inline:push' });
  });
});

describe('a client that goes away', () => {
  it('before it asks is refused', async () => {
    const negotiate = vi.fn<Negotiate>();
    const { push } = await setUp(negotiate);
    await expect(push({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'REQUEST_ABORTED', plugin: undefined });
  });

  it('while a hook decides stops the hook', async () => {
    const { manager, clock, push } = await setUp();
    let signal: AbortSignal | undefined;
    manager.hook('publish', (_request, own) => {
      signal = own;
      return never();
    });
    const client = new AbortController();
    const failure = rejectionOf(push({ signal: client.signal }));
    client.abort();
    await expect(failure).resolves.toMatchObject({ code: 'REQUEST_ABORTED', status: 499 });
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('while the plugin negotiates never leaks the session', async () => {
    const session = fakeSession();
    const { promise, resolve } = Promise.withResolvers<FakeSession>();
    const { push } = await setUp(() => promise);
    const client = new AbortController();
    const failure = rejectionOf(push({ signal: client.signal }));
    await settle();
    client.abort();
    await expect(failure).resolves.toMatchObject({ code: 'REQUEST_ABORTED' });
    resolve(session);
    await settle();
    expect(session.closed).toBe(true);
  });

  it('while the answer is made closes the session', async () => {
    const session = fakeSession({ createAnswer: never });
    const { push } = await setUp(() => session);
    const client = new AbortController();
    const failure = rejectionOf(push({ signal: client.signal }));
    await settle();
    client.abort();
    await expect(failure).resolves.toMatchObject({ code: 'REQUEST_ABORTED' });
    expect(session.closed).toBe(true);
  });

  it('after the answer changes nothing', async () => {
    const session = fakeSession();
    const { manager, push } = await setUp(() => session);
    const client = new AbortController();
    const forget = vi.spyOn(client.signal, 'removeEventListener');
    await push({ signal: client.signal });
    expect(forget).toHaveBeenCalled();
    client.abort();
    await settle();
    expect(session.closed).toBe(false);
    expect(manager.sessions.size).toBe(1);
  });
});

describe('a session that closes while its answer is made', () => {
  it('fails the request', async () => {
    const session = fakeSession({ createAnswer: never });
    const { clock, push } = await setUp(() => session);
    const failure = rejectionOf(push());
    await settle();
    session.end('peer gone');
    await clock.advance(0);
    await expect(failure).resolves.toMatchObject({ code: 'SESSION_CLOSED', message: expect.stringContaining('peer gone'), plugin: 'inline:push' });
    expect(clock.pending).toBe(0);
  });

  it('fails the request also when an answer comes all the same', async () => {
    const session = fakeSession({
      createAnswer: () => {
        session.end('peer gone');
        return 'answer';
      },
    });
    const { manager, ended, push } = await setUp(() => session);
    await expect(push()).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    expect(manager.sessions.size).toBe(0);
    expect(ended).toEqual([]);
  });

  it('lets the error of the answer through, which says more', async () => {
    const session = fakeSession({
      createAnswer: async () => {
        session.end('failed');
        throw new MediaError('OFFER_UNACCEPTABLE', 'No codec in common.');
      },
    });
    const { clock, push } = await setUp(() => session);
    await expect(push()).rejects.toMatchObject({ code: 'OFFER_UNACCEPTABLE', message: 'No codec in common.' });
    expect(clock.pending).toBe(0);
  });
});

describe('sessions', () => {
  it('that close by themselves leave the set and are told once, with their bytes', async () => {
    const session = fakeSession({ stats: { bytesReceived: 7, bytesSent: 8 } });
    const { manager, clock, ended, push } = await setUp(() => session);
    const { record } = await push({ query: 'key=1', protocol: 'whip' });
    await clock.advance(2500);
    session.end('peer gone');
    await session.close();
    await settle();
    expect(manager.sessions.list()).toEqual([]);
    expect(ended).toEqual([
      {
        sessionId: record.id,
        type: 'push',
        plugin: 'inline:push',
        role: 'publisher',
        stream: record.stream,
        protocol: 'whip',
        query: 'key=1',
        remote: record.remote,
        reason: 'peer gone',
        durationMs: 2500,
        bytesReceived: 7,
        bytesSent: 8,
      },
    ]);
  });

  it('are closed by id, told once, with the bytes of before', async () => {
    const stats = { bytesSent: 8 };
    const session = fakeSession({ stats, onClose: () => void (stats.bytesSent = 0) });
    const { manager, ended, push } = await setUp(() => session);
    const { record } = await push();
    await Promise.all([manager.closeSession(record.id, 'kicked'), manager.closeSession(record.id, 'kicked again')]);
    await settle();
    expect(session).toMatchObject({ closeCalls: 1, closeReason: 'kicked' });
    expect(ended).toMatchObject([{ reason: 'kicked', bytesSent: 8 }]);
    await expect(manager.closeSession(record.id, 'kicked')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  it('that fail or hang in closing leave the set all the same', async () => {
    const { manager, clock, ended, push } = await setUp(() => fakeSession({ onClose: never }));
    const { record } = await push();
    const failure = rejectionOf(manager.closeSession(record.id, 'kicked'));
    await clock.advance(50);
    await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT', plugin: 'inline:push' });
    expect(manager.sessions.size).toBe(0);
    expect(ended).toHaveLength(1);
  });

  it('whose statistics fail end without bytes', async () => {
    const session = fakeSession();
    session.stats = () => {
      throw new Error('broken');
    };
    const { ended, push } = await setUp(() => session);
    await push();
    session.end('over');
    await settle();
    expect(ended).toMatchObject([{ bytesReceived: 0, bytesSent: 0 }]);
  });

  it('are given to whoever has their token', async () => {
    const { manager, push } = await setUp();
    const { record } = await push();
    expect(manager.sessions.authorise(record.id, record.token)).toBe(record);
    expect(() => manager.sessions.authorise(record.id, 'guess')).toThrow(expect.objectContaining({ code: 'TOKEN_INCORRECT', status: 401 }));
    expect(() => manager.sessions.authorise('unknown', record.token)).toThrow(expect.objectContaining({ code: 'SESSION_NOT_FOUND', status: 404 }));
  });
});

describe('limits', () => {
  it('count open sessions and free the place of those that end', async () => {
    const sessions: FakeSession[] = [];
    const { manager, push } = await setUp(
      () => {
        const session = fakeSession();
        sessions.push(session);
        return session;
      },
      'publish',
      { limits: { maxSessions: 1 } },
    );
    await push();
    await expect(push()).rejects.toMatchObject({ code: 'SESSION_LIMIT', status: 503 });
    expect(manager.counters).toEqual({ sessionsOpened: 1, sessionsRefused: 1, waitersRefused: 0, readersRefused: 0, notificationsDropped: 0 });
    sessions[0]?.end('over');
    await expect(push()).resolves.toBeDefined();
  });

  it('count negotiations under way, and free the place of those that fail', async () => {
    const { clock, manager, push } = await setUp(never, 'publish', { limits: { maxSessions: 1 } });
    const failure = rejectionOf(push());
    await expect(push()).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
    await clock.advance(100);
    await failure;
    const again = rejectionOf(push());
    await clock.advance(100);
    await expect(again).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
    expect(manager.counters.sessionsRefused).toBe(1);
  });

  it('bound the sessions of one address, but not of an unknown one', async () => {
    const { manager, push } = await setUp(undefined, 'publish', { limits: { maxSessionsPerAddress: 1 } });
    const from = (address: string) => push({ remote: { address, port: 1 } });
    const { record } = await from('192.0.2.1');
    await expect(from('192.0.2.1')).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
    await from('192.0.2.2');
    await Promise.all([from(''), from('')]);
    await manager.closeSession(record.id, 'over');
    await expect(from('192.0.2.1')).resolves.toBeDefined();
  });
});
