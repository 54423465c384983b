import {
  type AccessRequest,
  type Awaitable,
  type Clock,
  type HookHandler,
  type HookName,
  type HookPoints,
  type HookTargets,
  type PluginContext,
  hookTargets,
  silentLogger,
} from '@sluice/core';
import webhooks, { type WebhooksOptions } from '../index.ts';

type Handlers = { [N in HookName]?: HookHandler<N> };

/** The plugin set up alone: its hooks are called as a manager would call them. */
export interface Harness extends AsyncDisposable {
  readonly handlers: Handlers;
  /** What it contributes for management APIs. */
  readonly targets: HookTargets;
  ask<N extends HookName>(
    point: N,
    input: HookPoints[N]['input'],
    signal?: AbortSignal,
  ): Promise<HookPoints[N]['output'] | undefined | void>;
}

/** Sets the plugin up with a context that only keeps what it registers. */
export async function setUp(options: WebhooksOptions, clock: Clock): Promise<Harness> {
  const handlers: Handlers = {};
  const closers: (() => Awaitable<void>)[] = [];
  const contributed = new Map<string, unknown>();
  const context: Partial<PluginContext> = {
    clock,
    logger: silentLogger,
    hook(point, hook) {
      Object.assign(handlers, { [point]: typeof hook === 'function' ? hook : hook.handler });
      return () => undefined;
    },
    contribute(point, value) {
      contributed.set(point.name, value);
      return () => undefined;
    },
    onClose: (task) => void closers.push(task),
  };
  // The plugin uses no other part of it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  await webhooks(options).setup?.(context as PluginContext);
  return {
    handlers,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    targets: contributed.get(hookTargets.name) as HookTargets,
    ask: async (point, input, signal = new AbortController().signal) => handlers[point]?.(input, signal),
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
    },
  };
}

/** A request at an access hook. */
export const request: AccessRequest = {
  type: 'push',
  sessionId: 'session-1',
  vhost: '__defaultVhost__',
  app: 'live',
  stream: 'cam',
  query: 'token=abc&x=1',
  protocol: 'whip',
  params: { token: 'abc', x: '1' },
  headers: {},
  remote: { address: '192.0.2.7', port: 50_000 },
  credentials: {},
  url: 'rtc://media.example/live/cam?token=abc&x=1',
};
