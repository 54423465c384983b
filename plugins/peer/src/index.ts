import { changeableEndpoint, changedOptions, definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type PeerOptions, completeOptions } from './options.ts';
import { PeerHub } from './peer-hub.ts';

export type { PeerOptions } from './options.ts';

/** The WebSocket dialect `peer`: clients play, publish and control streams over one socket, at `/ws`. */
const peer = definePlugin((options: PeerOptions | undefined) => {
  let settings = completeOptions(options);
  let running: PeerHub | undefined;
  return {
    name: '@sluice/plugin-peer',
    setup(ctx) {
      if (!settings.enabled) return;
      const hub = new PeerHub({ settings, ctx });
      running = hub;
      const endpoint = { path: settings.path, open: hub.open.bind(hub), refused: () => hub.countRefused() };
      ctx.contribute(webSocketEndpoints, changeableEndpoint(endpoint, () => settings));
      ctx.hook('input', (notice) => hub.overhear(notice));
      ctx.contribute(metrics, createMetricSource(hub));
      ctx.onClose(() => hub.close());
    },
    /** Whether and where it listens is settled; the rest counts from now on. */
    reconfigure(changed) {
      settings = completeOptions(changedOptions('peer', changed));
      running?.configure(settings);
    },
  };
});

export default peer;
