import { changeableEndpoint, changedOptions, definePlugin, metrics, webSocketEndpoints } from '@sluice/core';
import { History, type HistoryLimits } from './history/history.ts';
import { createMetricSource } from './metric-source.ts';
import { type LogsOptions, type LogsSettings, completeOptions } from './options.ts';
import { Signaling } from './signaling.ts';

export { type LogsOptions, type LogsSettings, completeOptions } from './options.ts';

/** Brings producers and consumers of logs together, over WebSockets at `/signaling`, and keeps a history of the logs when it is told to. */
const logs = definePlugin((options: LogsOptions | undefined) => {
  let settings = completeOptions(options);
  let running: { readonly signaling: Signaling; readonly history: History | undefined } | undefined;
  return {
    name: '@sluice/plugin-logs',
    setup(ctx) {
      if (!settings.enabled) return;
      const { logger, clock } = ctx;
      const history = settings.history.enabled ? new History({ limits: historyLimits(settings), engine: ctx.engine, logger, clock }) : undefined;
      const signaling = new Signaling({ settings, logger, clock, history });
      running = { signaling, history };
      const endpoint = { path: settings.path, open: signaling.open.bind(signaling), refused: () => signaling.countRefused() };
      ctx.contribute(webSocketEndpoints, changeableEndpoint(endpoint, () => settings));
      ctx.contribute(metrics, createMetricSource(signaling, history));
      // Last in, first out: nobody makes a connection to a history that has closed.
      ctx.onClose(() => history?.close());
      ctx.onClose(() => signaling.close());
    },
    /** Whether and where it listens, and whether it keeps a history, is settled; the rest counts from now on. */
    reconfigure(changed) {
      settings = completeOptions(changedOptions('logs', changed));
      running?.signaling.configure(settings);
      running?.history?.configure(historyLimits(settings));
    },
  };
});

export default logs;

function historyLimits({ history, limits: { maxMessageBytes } }: LogsSettings): HistoryLimits {
  return { ...history, maxMessageBytes };
}
