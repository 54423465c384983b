import { createTransportSession, definePlugin, sendReceiveCapabilities } from '@sluice/core';

/** Type `echo`: sends a peer its own media and messages back. Nobody is asked for access. */
export default definePlugin(() => ({
  name: '@sluice/plugin-echo',
  types: ['echo'],
  capabilities: { access: 'none', trickle: true },
  negotiate(request, ctx) {
    const transport = ctx.engine.createTransport({ label: request.sessionId });
    transport.onTrack((track) => transport.send(track));
    transport.onDataChannel((channel) => {
      channel.onMessage((message) => channel.send(message));
    });
    return createTransportSession({ transport, capabilities: sendReceiveCapabilities() });
  },
}));
