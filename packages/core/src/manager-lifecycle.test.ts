import { describe, expect, it, vi } from 'vitest';
import { extensionPoint } from './extension-points.ts';
import type { HookHandler } from './hook-points.ts';
import { type PluginContext, type PluginDefinition, PLUGIN_API, type WebRtcPlugin, definePlugin } from './plugin.ts';
import { fakeSession, readyManager, rejectionOf, sampleAccessRequest, sampleRequest, settle, testManager } from './testing/index.ts';
import { WebRtcPluginManager } from './manager.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const broken = (): never => {
  throw new Error('broken');
};

function plugin(name: string, rest: Partial<PluginDefinition> = {}): WebRtcPlugin {
  return definePlugin(() => ({ name, ...rest }))();
}

function echo(rest: Partial<PluginDefinition> = {}): WebRtcPlugin {
  return plugin('echo', { types: ['echo'], capabilities: { access: 'none' }, negotiate: () => fakeSession(), ...rest });
}

/** Plugins that write down when they are set up and closed. */
function diary() {
  const entries: string[] = [];
  const keep = (name: string, rest: Partial<PluginDefinition> = {}) =>
    plugin(name, {
      setup(ctx) {
        entries.push(`+${name}`);
        ctx.onClose(() => void entries.push(`-${name}`));
      },
      ...rest,
    });
  return { entries, keep };
}

describe('registerPlugin', () => {
  it.each<[string, unknown]>([
    ['no plugin at all', undefined],
    ['no name', plugin('')],
    ['a name over the bound of npm', plugin('x'.repeat(215))],
    ['a control character in its name', plugin('a\nb')],
    ["the host's name", plugin('host')],
    ['another version of the contract', { ...plugin('a'), api: PLUGIN_API + 1 }],
    ['no version of the contract', { name: 'a' }],
    ['types that are no list', plugin('a', { types: 'echo' as never })],
    ['a type that cannot stand in a URL', echo({ types: ['a b'] })],
    ['types without negotiate', echo({ negotiate: undefined })],
    ['types without capabilities', echo({ capabilities: undefined })],
    ['an access that does not exist', echo({ capabilities: { access: 'all' as 'none' } })],
    ['negotiate without types', plugin('a', { negotiate: () => fakeSession() })],
    ['capabilities without types', plugin('a', { capabilities: { access: 'none' } })],
    ['dependencies that are no list', plugin('a', { dependsOn: 'b' as never })],
    ['a setup that is no function', plugin('a', { setup: 'now' as never })],
    ['a reconfigure that is no function', plugin('a', { reconfigure: {} as never })],
    ['a hook at an unknown point', plugin('a', { hooks: { unknown: () => undefined } as never })],
    ['a hook that is no function', plugin('a', { hooks: { publish: 'yes' as never } })],
  ])('refuses a plugin with %s before anything runs', (_what, wrong) => {
    const { manager } = testManager();
    expect(() => manager.registerPlugin(wrong as WebRtcPlugin)).toThrow(expect.objectContaining({ code: 'PLUGIN_INVALID' }));
    expect(manager.plugins).toEqual([]);
  });

  it('refuses a name or a type that is taken, and names the owner', () => {
    const { manager } = testManager();
    manager.registerPlugin(echo());
    expect(() => manager.registerPlugin(echo({ types: ['other'] }))).toThrow(expect.objectContaining({ code: 'PLUGIN_DUPLICATE', plugin: 'echo' }));
    expect(() => manager.registerPlugin(echo({ name: 'second' }))).toThrow("Plugin second registers the type 'echo', which echo has already.");
    expect(() => manager.registerPlugin(echo({ name: 'third', types: ['a', 'a'] }))).toThrow(expect.objectContaining({ code: 'PLUGIN_DUPLICATE' }));
    expect(manager.plugins).toMatchObject([{ name: 'echo', types: ['echo'] }]);
  });

  it('lists plugins with version, hooks and the time of their setup', async () => {
    const { manager, clock } = testManager();
    manager.registerPlugin(plugin('other', {
      version: '1.2.3',
      hooks: { play: () => undefined },
      setup(ctx) {
        ctx.hook('publish', () => undefined);
        return new Promise((resolve) => clock.setTimeout(resolve, 250));
      },
    }));
    manager.registerPlugin(plugin('late', { dependsOn: ['other'] }));
    expect(manager.plugins[0]).toMatchObject({ hooks: ['play'], setUpMs: undefined });
    const ready = manager.ready();
    await clock.advance(250);
    await ready;
    expect(manager.plugins).toEqual([
      { name: 'other', version: '1.2.3', types: [], hooks: ['publish', 'play'], dependsOn: [], reconfigurable: false, setUpMs: 250 },
      { name: 'late', version: undefined, types: [], hooks: [], dependsOn: ['other'], reconfigurable: false, setUpMs: 0 },
    ]);
  });

  it('takes a type and a function in one line', async () => {
    const { manager } = testManager();
    manager.registerPlugin('echo', () => fakeSession());
    await manager.ready();
    expect(manager.plugins).toMatchObject([{ name: 'inline:echo', types: ['echo'] }]);
    await expect(manager.negotiateSdp('echo', sampleRequest())).resolves.toMatchObject({ record: { plugin: 'inline:echo', role: 'other' } });
  });

  it('is over once ready() was called', async () => {
    const { manager } = testManager();
    const booting = manager.ready();
    expect(() => manager.registerPlugin(echo())).toThrow(expect.objectContaining({ code: 'MANAGER_FROZEN' }));
    await booting;
    expect(() => manager.registerPlugin(echo())).toThrow(expect.objectContaining({ code: 'MANAGER_FROZEN' }));
  });

  it('can be taken back before ready(), which frees name and type', async () => {
    const { manager } = testManager();
    const setup = vi.fn();
    const undo = manager.registerPlugin(echo({ setup }));
    undo();
    undo();
    manager.registerPlugin(echo());
    await manager.ready();
    expect(setup).not.toHaveBeenCalled();
  });
});

describe('ready', () => {
  it('sets plugins up in order of dependency, one at a time, once', async () => {
    const { manager } = testManager();
    const { entries, keep } = diary();
    manager.registerPlugin(keep('app', { dependsOn: ['store'] }));
    manager.registerPlugin(keep('store'));
    await Promise.all([manager.ready(), manager.ready()]);
    await manager.ready();
    expect(entries).toEqual(['+store', '+app']);
  });

  it('refuses a missing dependency before any setup', async () => {
    const { manager } = testManager();
    const { entries, keep } = diary();
    manager.registerPlugin(keep('first'));
    manager.registerPlugin(keep('app', { dependsOn: ['store'] }));
    await expect(manager.ready()).rejects.toMatchObject({ code: 'PLUGIN_DEPENDENCY', plugin: 'app' });
    expect(entries).toEqual([]);
  });

  it('that fails closes what had booted, last first, and rejects the same way ever after', async () => {
    const { manager } = testManager();
    const { entries, keep } = diary();
    manager.registerPlugin(keep('first'));
    manager.registerPlugin(keep('second'));
    manager.registerPlugin(
      plugin('culprit', {
        setup(ctx) {
          ctx.onClose(() => void entries.push('-culprit'));
          throw new Error('no disk');
        },
      }),
    );
    manager.registerPlugin(keep('never reached'));
    const failure = await rejectionOf(manager.ready());
    expect(failure).toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'culprit', message: 'Plugin culprit failed in its setup: no disk' });
    expect(entries).toEqual(['+first', '+second', '-culprit', '-second', '-first']);
    await expect(manager.ready()).rejects.toBe(failure);
    await expect(manager.negotiateSdp('echo', sampleRequest())).rejects.toMatchObject({ code: 'MANAGER_NOT_READY' });
    await expect(manager.close()).resolves.toBeUndefined();
    expect(entries).toHaveLength(5);
  });

  it('gives up a setup that hangs and names it; what it opens later is closed', async () => {
    const { manager, clock } = testManager({ timeouts: { setupMs: 100 } });
    const closedLate = vi.fn();
    const hookedLate = vi.fn<HookHandler<'server-started'>>();
    const { promise, resolve } = Promise.withResolvers<void>();
    manager.registerPlugin(
      plugin('culprit', {
        async setup(ctx) {
          await promise;
          ctx.onClose(closedLate);
          ctx.hook('server-started', hookedLate);
        },
      }),
    );
    const failure = rejectionOf(manager.ready());
    await clock.advance(100);
    await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT', plugin: 'culprit' });
    resolve();
    await settle();
    expect(closedLate).toHaveBeenCalledOnce();
    expect(manager.hasHook('server-started')).toBe(false);
  });

  it('tells the server-exited hooks last, of a server that had started', async () => {
    const { manager } = testManager();
    const told: string[] = [];
    manager.hook('stream-changed', ({ live }) => void told.push(live ? 'live' : 'over'));
    manager.hook('server-exited', ({ exitedAt }) => void told.push(`exited ${exitedAt}`));
    await manager.ready();
    manager.streams.publish({ vhost: 'v', app: 'live', stream: 'a' }, { tracks: [], close: () => undefined }).live();
    await manager.close();
    expect(told).toEqual(['live', 'over', `exited ${Date.UTC(2026, 0, 1)}`]);

    const unready = testManager().manager;
    unready.hook('server-exited', () => void told.push('never'));
    await unready.close();
    expect(told).not.toContain('never');
  });

  it('tells the server-started hooks, of plugins and host', async () => {
    const { manager, clock } = testManager();
    const [ofPlugin, ofHost] = [vi.fn<HookHandler<'server-started'>>(), vi.fn<HookHandler<'server-started'>>()];
    manager.registerPlugin(plugin('a', { hooks: { 'server-started': ofPlugin } }));
    manager.hook('server-started', ofHost);
    await manager.ready();
    await settle();
    for (const hook of [ofPlugin, ofHost]) expect(hook).toHaveBeenCalledExactlyOnceWith({ startedAt: clock.now() }, expect.any(AbortSignal));
  });

  it('says what is open to everybody', async () => {
    const { manager, logger } = testManager();
    manager.hook('publish', () => undefined);
    await manager.ready();
    expect(logger.lines.map(({ message }) => message)).toEqual(['No play hook is registered, so everybody may play']);
  });

  it('keeps the hooks of a plugin silent until its setup has finished', async () => {
    const hook = vi.fn<HookHandler<'server-started'>>();
    const { manager } = testManager();
    manager.registerPlugin(plugin('a', { setup: (ctx) => ctx.notify('server-started', { startedAt: 0 }), hooks: { 'server-started': hook } }));
    manager.registerPlugin(plugin('b', { setup: settle }));
    const booting = manager.ready();
    await booting;
    await settle();
    expect(hook.mock.calls.map(([{ startedAt }]) => startedAt)).not.toContain(0);
    expect(hook).toHaveBeenCalledOnce();
  });
});

describe('the context of a plugin', () => {
  async function contextOf(test = testManager()): Promise<PluginContext> {
    const { promise, resolve } = Promise.withResolvers<PluginContext>();
    test.manager.registerPlugin(plugin('a', { setup: resolve }));
    await test.manager.ready();
    return promise;
  }

  it('gives what the manager has, and a logger with its name', async () => {
    const test = testManager();
    const ctx = await contextOf(test);
    expect(ctx).toMatchObject({ clock: test.clock, engine: test.engine, streams: test.manager.streams, sessions: test.manager.sessions });
    ctx.logger.info('hello');
    expect(test.logger.lines.at(-1)).toMatchObject({ message: 'hello', fields: { plugin: 'a' } });
  });

  it('says what is missing when there is no engine', async () => {
    const manager = new WebRtcPluginManager();
    const { promise, resolve } = Promise.withResolvers<PluginContext>();
    manager.registerPlugin(plugin('a', { setup: resolve }));
    await manager.ready();
    const ctx = await promise;
    expect(() => ctx.engine).toThrow(expect.objectContaining({ code: 'PLUGIN_FAILED', plugin: 'a' }));
  });

  it('offers contributions to the host, with their owner, until they are taken back', async () => {
    const test = testManager();
    const ctx = await contextOf(test);
    const point = extensionPoint<string>('greetings');
    const undo = ctx.contribute(point, 'hello');
    ctx.contribute(extensionPoint<string>('greetings'), 'good morning');
    expect(test.manager.contributions(point)).toEqual([
      { plugin: 'a', value: 'hello' },
      { plugin: 'a', value: 'good morning' },
    ]);
    undo();
    expect(test.manager.contributions(point)).toEqual([{ plugin: 'a', value: 'good morning' }]);
    expect(test.manager.contributions(extensionPoint('others'))).toEqual([]);
  });

  it('runs notifications', async () => {
    const test = testManager();
    const ctx = await contextOf(test);
    const hook = vi.fn<HookHandler<'server-started'>>();
    test.manager.hook('server-started', hook);
    ctx.notify('server-started', { startedAt: 7 });
    test.manager.notify('server-started', { startedAt: 8 });
    await settle();
    expect(hook.mock.calls.map(([{ startedAt }]) => startedAt)).toEqual(expect.arrayContaining([7, 8]));
  });
});

describe('a plugin removed after ready', () => {
  it('loses types, hooks, contributions and sessions, then its onClose tasks run', async () => {
    const point = extensionPoint<string>('greetings');
    const events: string[] = [];
    const session = fakeSession({ onClose: () => void events.push('session closed') });
    const { manager } = testManager();
    const undo = manager.registerPlugin(
      echo({
        hooks: { publish: () => undefined },
        negotiate: () => session,
        setup(ctx) {
          ctx.contribute(point, 'hello');
          ctx.hook('play', () => undefined);
          ctx.onClose(() => void events.push('plugin closed'));
        },
      }),
    );
    manager.registerPlugin('other', () => fakeSession());
    await manager.ready();
    await manager.negotiateSdp('echo', sampleRequest());
    const other = await manager.negotiateSdp('other', sampleRequest());
    undo();
    expect(manager.types).toEqual(['other']);
    expect(manager.plugins).toMatchObject([{ name: 'inline:other', types: ['other'] }]);
    expect(manager.contributions(point)).toEqual([]);
    expect([manager.hasHook('publish'), manager.hasHook('play')]).toEqual([false, false]);
    await expect(manager.negotiateSdp('echo', sampleRequest())).rejects.toMatchObject({ code: 'TYPE_UNKNOWN' });
    await settle();
    expect(session.closeReason).toBe('plugin echo was removed');
    expect(events).toEqual(['session closed', 'plugin closed']);
    expect(manager.sessions.list()).toEqual([other.record]);
    undo();
    await manager.close();
    expect(events).toHaveLength(2);
  });

  it('takes its negotiations under way with it', async () => {
    const { manager } = testManager();
    const session = fakeSession({ createAnswer: never });
    const undo = manager.registerPlugin(echo({ negotiate: () => session }));
    await manager.ready();
    const failure = rejectionOf(manager.negotiateSdp('echo', sampleRequest()));
    await settle();
    undo();
    await expect(failure).resolves.toMatchObject({ code: 'SESSION_CLOSED', plugin: 'echo' });
    expect(session.closed).toBe(true);
  });

  it('fails to close without harm to anybody else', async () => {
    const { manager, logger } = testManager();
    const undo = manager.registerPlugin(plugin('culprit', { setup: (ctx) => ctx.onClose(broken) }));
    await manager.ready();
    undo();
    await settle();
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { plugin: 'culprit' } });
    await expect(manager.close()).resolves.toBeUndefined();
  });
});

describe('close', () => {
  it('ends sessions, then plugins in reverse, each with its last task first', async () => {
    const { entries, keep } = diary();
    const session = fakeSession({ onClose: () => void entries.push('-session') });
    const setup = (ctx: PluginContext) => {
      ctx.onClose(() => void entries.push('-echo first'));
      ctx.onClose(() => void entries.push('-echo second'));
    };
    const { manager } = await readyManager([keep('first'), echo({ setup, negotiate: () => session })]);
    await manager.negotiateSdp('echo', sampleRequest());
    await manager.close();
    expect(entries).toEqual(['+first', '-session', '-echo second', '-echo first', '-first']);
    expect(manager.sessions.size).toBe(0);
    expect(session.closeReason).toBe('server closing');
  });

  it('refuses new work from its first moment', async () => {
    const { manager } = await readyManager([echo()]);
    const closing = manager.close();
    await expect(manager.negotiateSdp('echo', sampleRequest())).rejects.toMatchObject({ code: 'MANAGER_CLOSED', status: 503 });
    expect(() => manager.registerPlugin(echo())).toThrow(expect.objectContaining({ code: 'MANAGER_CLOSED' }));
    await closing;
  });

  it('is idempotent and also runs by await using', async () => {
    const { entries, keep } = diary();
    const { manager } = await readyManager([keep('a')]);
    await Promise.all([manager.close(), manager.close(), manager[Symbol.asyncDispose]()]);
    expect(entries).toEqual(['+a', '-a']);
  });

  it('before ready() makes ready() fail', async () => {
    const { manager } = testManager();
    await manager.close();
    await expect(manager.ready()).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('during ready() stops the setup and closes what had booted', async () => {
    const { manager } = testManager();
    const { entries, keep } = diary();
    const closeSlowly = async () => {
      await settle();
      entries.push('-a slowly');
    };
    manager.registerPlugin(plugin('a', { setup: (ctx) => ctx.onClose(closeSlowly) }));
    manager.registerPlugin(keep('b'));
    manager.registerPlugin(plugin('slow', { setup: never }));
    const failure = rejectionOf(manager.ready());
    await settle();
    await manager.close();
    expect(entries).toEqual(['+b', '-b', '-a slowly']);
    await expect(failure).resolves.toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('ends streams', async () => {
    const { manager } = await readyManager([]);
    const close = vi.fn<(reason: string) => void>();
    manager.streams.publish({ vhost: 'v', app: 'live', stream: 'test' }, { tracks: [], close }).live();
    await manager.close();
    expect(close).toHaveBeenCalledExactlyOnceWith('server closing');
    expect(manager.streams.list()).toEqual([]);
  });

  it('ends waiting viewers at once, before sessions that take their time', async () => {
    const { manager, clock } = await readyManager([echo({ negotiate: () => fakeSession({ onClose: never }) })]);
    await manager.negotiateSdp('echo', sampleRequest());
    const waiting = rejectionOf(manager.streams.waitFor(sampleAccessRequest(), new AbortController().signal));
    const closing = rejectionOf(manager.close());
    await expect(waiting).resolves.toMatchObject({ code: 'MANAGER_CLOSED' });
    await clock.advance(3000);
    await expect(closing).resolves.toBeInstanceOf(AggregateError);
  });

  it('ends negotiations under way, and waits until their sessions are closed', async () => {
    const entries: string[] = [];
    const onClose = async () => {
      await settle();
      entries.push('-session');
    };
    const negotiate = () => fakeSession({ createAnswer: never, onClose });
    const { manager } = await readyManager([echo({ negotiate, setup: (ctx) => ctx.onClose(() => void entries.push('-echo')) })]);
    const failure = rejectionOf(manager.negotiateSdp('echo', sampleRequest()));
    await settle();
    await manager.close();
    expect(entries).toEqual(['-session', '-echo']);
    await expect(failure).resolves.toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('waits for a plugin that is being removed', async () => {
    const closed = vi.fn();
    const { manager } = testManager();
    const undo = manager.registerPlugin(
      plugin('a', {
        setup: (ctx) =>
          ctx.onClose(async () => {
            await settle();
            closed();
          }),
      }),
    );
    await manager.ready();
    undo();
    await manager.close();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('tells hooks of plugins what ended before the plugins go', async () => {
    const told: string[] = [];
    const tell: HookHandler<'session-closed'> = async ({ reason }) => {
      await settle();
      told.push(reason);
    };
    const listener = plugin('listener', {
      hooks: { 'session-closed': tell },
      setup: (ctx) => ctx.onClose(() => void told.push('listener closed')),
    });
    const { manager } = await readyManager([echo(), listener]);
    await manager.negotiateSdp('echo', sampleRequest());
    await manager.close();
    expect(told).toEqual(['server closing', 'listener closed']);
  });

  it('collects every failure, names the plugins, and closes the rest all the same', async () => {
    const { entries, keep } = diary();
    const failing = plugin('failing', { setup: (ctx) => ctx.onClose(broken) });
    const { manager } = await readyManager([keep('first'), failing, echo({ negotiate: () => fakeSession({ onClose: broken }) })]);
    await manager.negotiateSdp('echo', sampleRequest());
    const failure = await rejectionOf(manager.close());
    expect(failure).toBeInstanceOf(AggregateError);
    expect(failure).toMatchObject({
      message: 'Closing failed 2 times, in echo, failing.',
      errors: [
        { code: 'PLUGIN_FAILED', plugin: 'echo' },
        { code: 'PLUGIN_FAILED', plugin: 'failing' },
      ],
    });
    expect(entries).toEqual(['+first', '-first']);
    expect(manager.sessions.size).toBe(0);
    await expect(manager.close()).rejects.toBe(failure);
  });

  it('is not held up by sessions, tasks or hooks that hang', async () => {
    const { entries, keep } = diary();
    const hanging = plugin('hanging', { hooks: { 'session-closed': never }, setup: (ctx) => ctx.onClose(never) });
    const { manager, clock } = testManager({ timeouts: { closeMs: 100 } });
    for (const each of [keep('first'), hanging, echo({ negotiate: () => fakeSession({ onClose: never }) })]) manager.registerPlugin(each);
    await manager.ready();
    await manager.negotiateSdp('echo', sampleRequest());
    await manager.negotiateSdp('echo', sampleRequest());
    const failure = rejectionOf(manager.close());
    // Sessions side by side, then notifications, then the task.
    await clock.advance(300);
    await expect(failure).resolves.toMatchObject({
      errors: [
        { code: 'PLUGIN_TIMEOUT', plugin: 'echo' },
        { code: 'PLUGIN_TIMEOUT', plugin: 'echo' },
        { code: 'PLUGIN_TIMEOUT', plugin: 'hanging' },
      ],
    });
    expect(entries).toEqual(['+first', '-first']);
  });

  it('leaves no timer behind', async () => {
    const { manager, clock } = await readyManager([echo()]);
    manager.hook('play', () => undefined);
    await manager.negotiateSdp('echo', sampleRequest());
    await manager.close();
    expect(clock.pending).toBe(0);
  });
});

describe('options', () => {
  it.each([
    { timeouts: { hookMs: 0 } },
    { timeouts: { setupMs: Number.NaN } },
    { timeouts: { closeMs: Infinity } },
    { limits: { maxSessions: -1 } },
    { limits: { maxOfferBytes: '5' as never } },
    { streams: { maxStreamWaitMs: -1 } },
    { streams: { noneReaderDelayMs: 0 } },
  ])('%j is refused', (options) => {
    expect(() => new WebRtcPluginManager(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('may be left undefined', () => {
    expect(() => new WebRtcPluginManager({ timeouts: { hookMs: undefined }, streams: { maxStreamWaitMs: 0 } })).not.toThrow();
  });
});

describe('two managers in one process', () => {
  it('share nothing', async () => {
    const [one, two] = [await readyManager([echo()]), await readyManager([echo()])];
    one.manager.hook('publish', () => undefined);
    const key = { vhost: 'v', app: 'live', stream: 'test' };
    one.manager.streams.publish(key, { tracks: [], close: () => undefined }).live();
    await one.manager.negotiateSdp('echo', sampleRequest());
    expect(two.manager.hasHook('publish')).toBe(false);
    expect(two.manager.streams.list()).toEqual([]);
    expect(two.manager.sessions.size).toBe(0);
    await one.manager.close();
    await expect(two.manager.negotiateSdp('echo', sampleRequest())).resolves.toMatchObject({ sdp: 'answer' });
  });
});
