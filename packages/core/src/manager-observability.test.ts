import { describe, expect, it } from 'vitest';
import { HOOK_OUTCOMES, type HookStats } from './hook-statistics.ts';
import { allow, deny } from './hook-points.ts';
import type { ManagerOptions } from './manager-types.ts';
import { metrics } from './metrics.ts';
import { definePlugin } from './plugin.ts';
import { type FakeSession, MemoryTracer, fakeSession, readyManager, rejectionOf, sampleRequest, settle } from './testing/index.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function setUp(options: Pick<ManagerOptions, 'tracer'> = {}) {
  const sessions: FakeSession[] = [];
  const traces: (string | undefined)[] = [];
  const push = definePlugin(() => ({
    name: 'push',
    types: ['push'],
    capabilities: { access: 'publish' },
    negotiate({ trace }) {
      traces.push(trace?.traceparent);
      const session = fakeSession();
      sessions.push(session);
      return session;
    },
  }));
  const test = await readyManager([push()], options);
  const negotiate = (headers = {}) => test.manager.negotiateSdp('push', sampleRequest({ headers }));
  return { ...test, sessions, traces, negotiate };
}

function outcomes(stats: readonly HookStats[]): Record<string, number> {
  return Object.fromEntries(
    stats.flatMap(({ point, owner, outcomes: counts }) => HOOK_OUTCOMES.filter((name) => counts[name] > 0).map((name) => [`${point} ${owner} ${name}`, counts[name]])),
  );
}

describe('statistics', () => {
  it('count the calls of hooks by their outcome, with the time they took', async () => {
    const { manager, negotiate, clock } = await setUp();
    const answers = [allow(), deny('no'), undefined, new Error('broken'), 'never'];
    manager.hook('publish', () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      if (answer === 'never') return new Promise(() => undefined);
      return answer as ReturnType<typeof allow> | undefined;
    });
    await negotiate();
    await rejectionOf(negotiate());
    await negotiate();
    await rejectionOf(negotiate());
    const late = rejectionOf(negotiate());
    await settle();
    await clock.advance(10_000);
    await late;
    const stats = manager.statistics.hooks;
    expect(outcomes(stats)).toEqual({
      'publish host allowed': 1,
      'publish host denied': 1,
      'publish host passed': 1,
      'publish host failed': 1,
      'publish host timeout': 1,
    });
    expect(stats[0]?.durations).toMatchObject({ count: 5, sum: 10 });
    expect(manager.statistics.negotiations.refused).toEqual({ FORBIDDEN: 1, HOOK_FAILED: 1, HOOK_TIMEOUT: 1 });
    expect(manager.statistics.negotiations.durations.count).toBe(5);
  });

  it('count notifications too', async () => {
    const { manager } = await setUp();
    manager.hook('stream-changed', () => undefined);
    manager.notify('stream-changed', { stream: { vhost: 'v', app: 'a', stream: 's' }, live: true });
    await settle();
    expect(outcomes(manager.statistics.hooks)).toEqual({ 'stream-changed host passed': 1 });
  });
});

describe('traces', () => {
  it('continue that of the request through hooks and plugin', async () => {
    const tracer = new MemoryTracer();
    const { manager, negotiate, traces } = await setUp({ tracer });
    let hookTrace: string | undefined;
    manager.hook('publish', ({ trace }) => void (hookTrace = trace?.traceparent));
    await negotiate({ traceparent: TRACEPARENT });
    const [root, hook, plugin, answer] = tracer.spans;
    expect(tracer.spans.slice(0, 4).map(({ name }) => name)).toEqual(['negotiate', 'hook publish', 'plugin negotiate', 'create answer']);
    expect(root?.parent).toEqual({ traceparent: TRACEPARENT });
    for (const child of [hook, plugin, answer]) expect(child).toMatchObject({ parent: root?.context, ended: true, error: undefined });
    expect(hookTrace).toBe(hook?.context.traceparent);
    expect(traces).toEqual([plugin?.context.traceparent]);
    expect(hook?.attributes).toMatchObject({ 'sluice.plugin': 'host', 'sluice.outcome': 'passed' });
  });

  it('say where a request failed', async () => {
    const tracer = new MemoryTracer();
    const { manager, negotiate } = await setUp({ tracer });
    manager.hook('publish', () => Promise.reject(new Error('broken')));
    await rejectionOf(negotiate());
    for (const span of tracer.spans) expect(span).toMatchObject({ ended: true, error: { code: 'HOOK_FAILED' } });
    expect(tracer.spans).toHaveLength(2);
  });

  it('that nobody records are passed on all the same', async () => {
    const { negotiate, traces } = await setUp();
    await negotiate({ traceparent: TRACEPARENT });
    await negotiate({ traceparent: 'nonsense' });
    expect(traces).toEqual([TRACEPARENT, undefined]);
  });
});

describe('drain', () => {
  it('refuses new sessions, leaves open ones alone, and resolves when the last has ended', async () => {
    const { manager, negotiate, sessions } = await setUp();
    expect(manager.phase).toBe('ready');
    await negotiate();
    let drained = false;
    void manager.drain().then(() => (drained = true));
    expect(manager.phase).toBe('draining');
    expect(await rejectionOf(negotiate())).toMatchObject({ code: 'MANAGER_DRAINING', status: 503 });
    await settle();
    expect(drained).toBe(false);
    expect(sessions[0]?.closed).toBe(false);
    await sessions[0]?.close('done');
    await settle();
    expect(drained).toBe(true);
    await manager.close();
    expect(manager.phase).toBe('closed');
  });

  it('waits for negotiations that are under way', async () => {
    const { manager, negotiate } = await setUp();
    const answer = Promise.withResolvers<undefined>();
    manager.hook('publish', () => answer.promise);
    const refused = rejectionOf(negotiate());
    let drained = false;
    void manager.drain().then(() => (drained = true));
    await settle();
    expect(drained).toBe(false);
    answer.reject(new Error('broken'));
    await refused;
    await settle();
    expect(drained).toBe(true);
  });
});

it('what plugins contribute as metrics is there for the host and for other plugins', async () => {
  const source = { collect: () => [] };
  let seen: unknown;
  const giver = definePlugin(() => ({ name: 'giver', setup: (ctx) => void ctx.contribute(metrics, source) }));
  const reader = definePlugin(() => ({ name: 'reader', dependsOn: ['giver'], setup: (ctx) => void (seen = ctx.contributions(metrics)) }));
  const { manager } = await readyManager([giver(), reader()]);
  expect(manager.contributions(metrics)).toEqual([{ plugin: 'giver', value: source }]);
  expect(seen).toEqual([{ plugin: 'giver', value: source }]);
});
