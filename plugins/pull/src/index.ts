import { changedOptions, definePlugin, metrics, streamProxies, streamSourceStarters } from '@sluice/core';
import { createMetricSource } from './metric-source.ts';
import { type PullOptions, completeOptions } from './options.ts';
import { Pulls } from './pulls.ts';

export { type PullOptions, type PullSettings, completeOptions } from './options.ts';

/** Pulls streams of other servers by WHEP: on demand when a path or a hook names one as source, or for good. */
const pull = definePlugin((options: PullOptions | undefined) => {
  const settings = completeOptions(options);
  let running: Pulls | undefined;
  return {
    name: '@sluice/plugin-pull',
    setup(ctx) {
      const pulls = new Pulls(ctx, settings);
      running = pulls;
      ctx.contribute(metrics, createMetricSource(pulls));
      ctx.contribute(streamProxies, pulls);
      ctx.contribute(streamSourceStarters, {
        accepts: (source) => 'whep' in source,
        start: (stream, source) => ('whep' in source ? pulls.start(stream, source) : undefined),
      });
      ctx.onClose(() => pulls.close('the pull plugin was removed'));
    },
    reconfigure(changed) {
      running?.reconfigure(completeOptions(changedOptions('pull', changed)));
    },
  };
});

export default pull;
