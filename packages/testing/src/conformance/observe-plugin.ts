import {
  type Awaitable,
  type ExtensionPoint,
  HOOK_NAMES,
  type Hook,
  type HookName,
  type Negotiate,
  type PluginContext,
  type Undo,
  type WebRtcPlugin,
} from '@sluice/core';
import type { SampleInputs } from './sample-inputs.ts';

/** A hook that a plugin has registered. */
export interface ObservedHook {
  readonly point: HookName;
  /** Calls its handler with a sample, past the manager and its deadlines. */
  call(signal: AbortSignal): Awaitable<unknown>;
}

/** A plugin that can be registered in place of another, and what that one does. */
export interface ObservedPlugin {
  readonly plugin: WebRtcPlugin;
  /** Those registered now. */
  readonly hooks: ReadonlySet<ObservedHook>;
  /** Where it has offered something, one entry for each offer. */
  readonly contributedTo: readonly ExtensionPoint<unknown>[];
  /** `onClose` tasks that have not ended. */
  readonly openCloseTasks: number;
  /** Calls of `negotiate` that have not ended. */
  readonly openNegotiations: number;
  /** Runs when `negotiate` has been called. */
  onNegotiate: (() => void) | undefined;
}

/** Registers the same as `original`, and sees what goes through its context. */
export function observePlugin(original: WebRtcPlugin, inputs: SampleInputs): ObservedPlugin {
  const hooks = new Set<ObservedHook>();
  const contributedTo: ExtensionPoint<unknown>[] = [];
  const contexts = new WeakMap<PluginContext, PluginContext>();
  let openCloseTasks = 0;
  let openNegotiations = 0;
  let onNegotiate: (() => void) | undefined;

  /** The same one each time: a plugin may keep its state by context. */
  function observedContext(ctx: PluginContext): PluginContext {
    const observed = contexts.get(ctx) ?? observeContext(ctx);
    contexts.set(ctx, observed);
    return observed;
  }

  function observeContext(ctx: PluginContext): PluginContext {
    return {
      ...ctx,
      hook(point, hook) {
        const unhook = ctx.hook(point, hook);
        const forget = remember(point, hook);
        return () => {
          forget();
          unhook();
        };
      },
      contribute(point, value) {
        contributedTo.push(point);
        return ctx.contribute(point, value);
      },
      onClose(task) {
        openCloseTasks += 1;
        ctx.onClose(() => counted(task, () => (openCloseTasks -= 1)));
      },
    };
  }

  function remember<N extends HookName>(point: N, hook: Hook<N>): Undo {
    const handler = typeof hook === 'function' ? hook : hook.handler;
    const observed: ObservedHook = { point, call: (signal) => handler(inputs[point], signal) };
    hooks.add(observed);
    return () => void hooks.delete(observed);
  }

  function rememberDefined<N extends HookName>(point: N, defined: { readonly [P in N]?: Hook<P> }): void {
    const hook = defined[point];
    if (hook) remember(point, hook);
  }

  function observeNegotiate(negotiate: Negotiate): Negotiate {
    return (request, ctx) => {
      openNegotiations += 1;
      const session = counted(
        () => negotiate.call(original, request, observedContext(ctx)),
        () => (openNegotiations -= 1),
      );
      onNegotiate?.();
      return session;
    };
  }

  for (const point of HOOK_NAMES) rememberDefined(point, original.hooks ?? {});
  return {
    plugin: {
      // One by one: the methods of a class would be lost in a copy.
      name: original.name,
      api: original.api,
      types: original.types,
      capabilities: original.capabilities,
      dependsOn: original.dependsOn,
      hooks: original.hooks,
      setup: (ctx) => original.setup?.(observedContext(ctx)),
      negotiate: original.negotiate && observeNegotiate(original.negotiate),
    },
    hooks,
    contributedTo,
    get openCloseTasks() {
      return openCloseTasks;
    },
    get openNegotiations() {
      return openNegotiations;
    },
    set onNegotiate(listener: (() => void) | undefined) {
      onNegotiate = listener;
    },
    get onNegotiate() {
      return onNegotiate;
    },
  };
}

/** An async function turns a synchronous throw into a rejection. */
async function counted<T>(task: () => Awaitable<T>, onEnd: () => void): Promise<T> {
  try {
    return await task();
  } finally {
    onEnd();
  }
}
