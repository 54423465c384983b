import { changeableEndpoint, changedOptions, definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type RelayOptions, type RelaySettings, completeOptions } from './options.ts';
import { Relay } from './relay.ts';

export type { RelayOptions } from './options.ts';

/** Relays messages between WebSocket clients at `/relay`, and at a port of its own when one is given. Off unless enabled. */
const relay = definePlugin((options: RelayOptions | undefined) => {
  let settings = completeOptions(options);
  let hub: Relay | undefined;
  return {
    name: '@sluice/plugin-relay',
    setup(ctx) {
      if (!settings.enabled) return;
      const { logger, clock } = ctx;
      const running = new Relay({ settings, logger, clock });
      hub = running;
      const { host, port } = settings;
      const clients = { open: running.open.bind(running), refused: () => running.countRefused() };
      const access = (): RelaySettings => settings;
      ctx.contribute(webSocketEndpoints, changeableEndpoint({ ...clients, path: '/relay' }, access));
      if (port !== undefined) ctx.contribute(webSocketEndpoints, changeableEndpoint({ ...clients, path: '*', listen: { host, port } }, access));
      ctx.contribute(metrics, createMetricSource(running));
      ctx.onClose(() => running.close());
      if (settings.token === undefined) logger.warn('The relay has no token: whoever reaches it may write to everybody there. Set relay.token to change that.');
    },
    /** Whether and where it listens is settled; the rest counts for who comes from now on. */
    reconfigure(changed) {
      settings = completeOptions(changedOptions('relay', changed));
      hub?.configure(settings);
    },
  };
});

export default relay;
