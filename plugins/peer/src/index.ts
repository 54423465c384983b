import { definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type PeerOptions, completeOptions } from './options.ts';
import { PeerHub } from './peer-hub.ts';

export type { PeerOptions } from './options.ts';

/** The WebSocket dialect `peer`: clients play, publish and control streams over one socket, at `/ws`. */
const peer = definePlugin((options: PeerOptions | undefined) => {
  const settings = completeOptions(options);
  return {
    name: '@sluice/plugin-peer',
    setup(ctx) {
      if (!settings.enabled) return;
      const { path, origins, limits } = settings;
      const hub = new PeerHub({ settings, ctx });
      ctx.contribute(webSocketEndpoints, { path, origins, limits, open: hub.open.bind(hub), refused: () => hub.countRefused() });
      ctx.hook('input', (notice) => hub.overhear(notice));
      ctx.contribute(metrics, createMetricSource(hub));
      ctx.onClose(() => hub.close());
    },
  };
});

export default peer;
