import { describe, expectTypeOf, it } from 'vitest';
import {
  type AccessRequest,
  type Hook,
  type HookName,
  type Negotiated,
  type NotifyHookName,
  type PluginContext,
  type Stream,
  type Undo,
  type WebRtcPlugin,
  type WebRtcPluginManager,
  HOOK_NAMES,
  allow,
  definePlugin,
  extensionPoint,
} from './index.ts';

declare const manager: WebRtcPluginManager;
declare const ctx: PluginContext;

// The functions below are never called: the compiler is the test.
describe('types of the contract', () => {
  it('list every hook point', () => {
    expectTypeOf<(typeof HOOK_NAMES)[number]>().toEqualTypeOf<HookName>();
    expectTypeOf<NotifyHookName>().toEqualTypeOf<'stream-changed' | 'session-opened' | 'session-state' | 'session-closed' | 'server-started' | 'server-exited' | 'input'>();
  });

  it('let a hook answer only what its point takes', () => {
    expectTypeOf<() => Promise<'keep'>>().toExtend<Hook<'none-reader'>>();
    expectTypeOf<() => undefined>().toExtend<Hook<'none-reader'>>();
    expectTypeOf<() => 'wait'>().not.toExtend<Hook<'none-reader'>>();
    expectTypeOf<() => boolean>().not.toExtend<Hook<'publish'>>();
    void (() => {
      manager.hook('publish', (request) => {
        expectTypeOf(request).toEqualTypeOf<AccessRequest>();
        return allow({ lifetimeMs: 1000 });
      });
      // @ts-expect-error a verdict is no boolean
      manager.hook('publish', () => true);
      // @ts-expect-error there is no such answer
      manager.hook('none-reader', { order: 'pre', handler: async () => 'perhaps' });
      // @ts-expect-error there is no such order
      manager.hook('play', { order: 'first', handler: () => allow() });
      // @ts-expect-error there is no such point
      ctx.hook('unknown', () => undefined);
    });
  });

  it('let only notifications be sent', () => {
    expectTypeOf<PluginContext['notify']>().toEqualTypeOf<WebRtcPluginManager['notify']>();
    void (() => {
      ctx.notify('server-started', { startedAt: 1 });
      // @ts-expect-error a decision is asked for by the manager alone
      ctx.notify('publish', {});
      // @ts-expect-error the input belongs to the point
      ctx.notify('server-started', { live: true });
    });
  });

  it('give plugin factories the options that the author declared', () => {
    const plain = definePlugin(() => ({ name: 'plain' }));
    const optional = definePlugin((options: { limit?: number } | undefined) => ({ name: `optional ${options?.limit}` }));
    const required = definePlugin((options: { url: string }) => ({ name: options.url }));
    expectTypeOf(plain).toBeCallableWith();
    expectTypeOf(optional).toBeCallableWith();
    expectTypeOf(optional).toBeCallableWith({ limit: 1 });
    expectTypeOf(required).toBeCallableWith({ url: 'x' });
    expectTypeOf(required).returns.toEqualTypeOf<WebRtcPlugin>();
    // @ts-expect-error the options are needed
    void (() => required());
  });

  it('carry the type of a contribution to the host', () => {
    void (() => {
      const widgets = extensionPoint<{ title: string }>('widgets');
      ctx.contribute(widgets, { title: 'x' });
      // @ts-expect-error it is no widget
      ctx.contribute(widgets, { name: 'x' });
      expectTypeOf(manager.contributions(widgets)).items.toEqualTypeOf<{ readonly plugin: string; readonly value: { title: string } }>();
    });
  });

  it('say what the manager gives', () => {
    expectTypeOf<WebRtcPluginManager['negotiateSdp']>().returns.resolves.toEqualTypeOf<Negotiated>();
    expectTypeOf<WebRtcPluginManager['streams']['waitFor']>().returns.resolves.toEqualTypeOf<Stream>();
    expectTypeOf<WebRtcPluginManager['hook']>().returns.toEqualTypeOf<Undo>();
  });
});
