/** Options that name URLs asked for a decision. */
export const DECISION_HOOKS = ['onPublish', 'onPlay', 'onStreamNotFound', 'onStreamNoneReader'] as const;

/** Options that name URLs which are told. */
export const NOTIFICATION_HOOKS = ['onServerStarted', 'onStreamChanged', 'onFlowReport', 'onServerKeepalive', 'onServerExited'] as const;

/** An option of {@link DECISION_HOOKS}. */
export type DecisionHook = (typeof DECISION_HOOKS)[number];

/** An option of {@link NOTIFICATION_HOOKS}. */
export type NotificationHook = (typeof NOTIFICATION_HOOKS)[number];

/** What ZLMediaKit calls the hook of an option: `on_publish` of `onPublish`. */
export function zlmNameOf(hook: DecisionHook | NotificationHook): string {
  return hook.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
