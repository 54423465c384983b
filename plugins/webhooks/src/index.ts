import { type WebRtcPlugin, definePlugin, hookTargets, metrics } from '@sluice/core';
import { DecisionLane } from './decisions/decision-lane.ts';
import { NotificationLane } from './notifications/notification-lane.ts';
import { createHookTargets } from './operator/hook-targets.ts';
import { createMetricSource } from './operator/metric-source.ts';
import { type WebhooksOptions, resolveOptions } from './options/options.ts';

export { type ErrorPolicy, type HookUrlOptions, type HookUrls, type ResolvedOptions, type TargetSettings, type WebhooksOptions, resolveOptions } from './options/options.ts';

/**
 * Asks external URLs at the hook points, and tells them what happened. A question that gets no valid answer fails with
 * HOOK_FAILED or HOOK_TIMEOUT, so nobody passes while the receiver is down, unless `onError` says otherwise.
 * @throws MediaError CONFIG_INVALID
 */
const webhooks: (options: WebhooksOptions) => WebRtcPlugin = definePlugin((given: WebhooksOptions) => {
  let options = resolveOptions(given);
  let apply: (() => void) | undefined;
  return {
    name: '@sluice/plugin-webhooks',
    setup(ctx) {
      let index = 0;
      const addHead = (body: object): object => ({ mediaServerId: options.mediaServerId, hook_index: index++, ...body });
      const decisions = new DecisionLane(ctx, addHead);
      const notifications = new NotificationLane(ctx, addHead);
      apply = () => {
        decisions.configure(options);
        notifications.configure(options);
      };
      apply();
      ctx.contribute(hookTargets, createHookTargets(decisions, notifications));
      ctx.contribute(metrics, createMetricSource(decisions, notifications));
      ctx.onClose(async () => {
        await Promise.all([decisions.close(), notifications.close()]);
      });
    },
    reconfigure(changed) {
      options = resolveOptions(changed);
      apply?.();
    },
  };
});

export default webhooks;
