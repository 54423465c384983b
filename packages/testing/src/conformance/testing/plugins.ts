import {
  type Awaitable,
  type PluginContext,
  type PluginDefinition,
  type RtcTransport,
  type WebRtcPlugin,
  type WebRtcSession,
  createTransportSession,
  definePlugin,
  sendReceiveCapabilities,
} from '@sluice/core';

export const NAME = '@someone/plugin-sample';

/** A plugin of the type `sample` that keeps every rule, with parts of its definition changed. */
export function samplePlugin(changes: Partial<PluginDefinition> = {}): WebRtcPlugin {
  return definePlugin(() => ({
    name: NAME,
    types: ['sample'],
    capabilities: { access: 'none', trickle: true },
    negotiate: (_request, ctx) => sessionOf(ctx.engine.createTransport()),
    ...changes,
  }))();
}

/** A session that keeps every rule. */
export function sessionOf(transport: RtcTransport): WebRtcSession {
  return createTransportSession({ transport, capabilities: sendReceiveCapabilities() });
}

/** A session that passes everything on to a good one, for tests that break one part of it. */
function wrapped(transport: RtcTransport, changes: Partial<WebRtcSession>): WebRtcSession {
  const session = sessionOf(transport);
  return {
    get closed() {
      return session.closed;
    },
    createAnswer: (offer, signal) => session.createAnswer(offer, signal),
    trickle: (fragment) => session.trickle?.(fragment),
    onClosed: (listener) => session.onClosed(listener),
    close: (reason) => session.close(reason),
    ...changes,
  };
}

/** The sample plugin, with sessions of which one part is changed. */
export function withSession(change: (transport: RtcTransport, ctx: PluginContext) => Partial<WebRtcSession>): WebRtcPlugin {
  return samplePlugin({
    negotiate: (_request, ctx) => {
      const transport = ctx.engine.createTransport();
      return wrapped(transport, change(transport, ctx));
    },
  });
}

/** A plugin of hooks only. */
export function hookPlugin(hooks: PluginDefinition['hooks']): WebRtcPlugin {
  return definePlugin(() => ({ name: NAME, hooks }))();
}

/** A plugin that only sets up. */
export function setupPlugin(setup: (ctx: PluginContext) => Awaitable<void>): WebRtcPlugin {
  return definePlugin(() => ({ name: NAME, setup }))();
}
