import { definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type LogsOptions, completeOptions } from './options.ts';
import { Signaling } from './signaling.ts';

export { type LogsOptions, type LogsSettings, completeOptions } from './options.ts';

/** Brings producers and consumers of logs together, over WebSockets at `/signaling`. */
const logs = definePlugin((options: LogsOptions | undefined) => {
  const settings = completeOptions(options);
  return {
    name: '@sluice/plugin-logs',
    setup(ctx) {
      if (!settings.enabled) return;
      const { logger, clock } = ctx;
      const signaling = new Signaling({ ...settings, logger, clock });
      const { path, origins, limits } = settings;
      ctx.contribute(webSocketEndpoints, { path, origins, limits, open: signaling.open.bind(signaling), refused: () => signaling.countRefused() });
      ctx.contribute(metrics, createMetricSource(signaling));
      ctx.onClose(() => signaling.close());
    },
  };
});

export default logs;
