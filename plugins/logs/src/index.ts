import { definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { History } from './history/history.ts';
import { createMetricSource } from './metric-source.ts';
import { type LogsOptions, completeOptions } from './options.ts';
import { Signaling } from './signaling.ts';

export { type LogsOptions, type LogsSettings, completeOptions } from './options.ts';

/** Brings producers and consumers of logs together, over WebSockets at `/signaling`, and keeps a history of the logs when it is told to. */
const logs = definePlugin((options: LogsOptions | undefined) => {
  const settings = completeOptions(options);
  return {
    name: '@sluice/plugin-logs',
    setup(ctx) {
      if (!settings.enabled) return;
      const { logger, clock } = ctx;
      const { path, origins, limits } = settings;
      const history = settings.history.enabled ? new History({ ...settings.history, engine: ctx.engine, logger, clock, maxMessageBytes: limits.maxMessageBytes }) : undefined;
      const signaling = new Signaling({ ...settings, logger, clock, history });
      ctx.contribute(webSocketEndpoints, { path, origins, limits, open: signaling.open.bind(signaling), refused: () => signaling.countRefused() });
      ctx.contribute(metrics, createMetricSource(signaling, history));
      // Last in, first out: nobody makes a connection to a history that has closed.
      ctx.onClose(() => history?.close());
      ctx.onClose(() => signaling.close());
    },
  };
});

export default logs;
