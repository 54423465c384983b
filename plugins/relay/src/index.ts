import { definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type RelayOptions, completeOptions } from './options.ts';
import { Relay } from './relay.ts';

export type { RelayOptions } from './options.ts';

/** Relays messages between WebSocket clients at `/relay`, and at a port of its own when one is given. Off unless enabled. */
const relay = definePlugin((options: RelayOptions | undefined) => {
  const settings = completeOptions(options);
  return {
    name: '@sluice/plugin-relay',
    setup(ctx) {
      if (!settings.enabled) return;
      const { logger, clock } = ctx;
      const hub = new Relay({ ...settings, logger, clock });
      const { origins, limits, host, port } = settings;
      const endpoint = { origins, limits, open: hub.open.bind(hub), refused: () => hub.countRefused() };
      ctx.contribute(webSocketEndpoints, { ...endpoint, path: '/relay' });
      if (port !== undefined) ctx.contribute(webSocketEndpoints, { ...endpoint, path: '*', listen: { host, port } });
      ctx.contribute(metrics, createMetricSource(hub));
      ctx.onClose(() => hub.close());
      if (settings.token === undefined) logger.warn('The relay has no token: whoever reaches it may write to everybody there. Set relay.token to change that.');
    },
  };
});

export default relay;
