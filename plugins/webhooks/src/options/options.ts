import { MediaError } from '@sluice/core';
import { z } from 'zod';
import type { DecisionHook, NotificationHook } from './hooks.ts';
import { commonSchema, optionsSchema } from './schema.ts';

/** What becomes of a question that got no usable answer. */
export type ErrorPolicy = 'deny' | 'allow' | 'lastKnown';

/** What may be set for one URL in particular; what is absent is as for all. */
export interface HookUrlOptions {
  readonly url: string | URL;
  readonly onError?: ErrorPolicy | undefined;
  readonly atLifetimeEnd?: 'close' | 'ask' | undefined;
  readonly timeoutMs?: number | undefined;
  readonly budgetMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly retryDelayMs?: number | undefined;
  readonly secret?: string | readonly string[] | undefined;
  readonly forwardCredentials?: boolean | undefined;
}

/** A URL, or several: of a decision each is asked in turn and the first refusal ends it; of a notification all are told. */
export type HookUrls = string | URL | HookUrlOptions | readonly (string | URL | HookUrlOptions)[];

type UrlOptions = { readonly [H in DecisionHook | NotificationHook]?: HookUrls | undefined };

/** What the plugin takes. A hook without URL is left to others. The README says what each hook is. */
export interface WebhooksOptions extends UrlOptions {
  /** Without it no URL is asked or told. Default true. */
  readonly enabled?: boolean | undefined;
  /** Tells the receiver which server asks. Default `sluice`. */
  readonly mediaServerId?: string | undefined;
  /** Signs what is sent (Standard Webhooks, `whsec_…`); with several, each signs it, so that a receiver may change over. */
  readonly secret?: string | readonly string[] | undefined;
  /** When no usable answer came: `deny`, `allow`, or `lastKnown` = what the same question was answered with before, else deny. Default `deny`. */
  readonly onError?: ErrorPolicy | undefined;
  /** At the end of an answer's `lifetime` the session is closed, or the URL is asked again. Default `close`. */
  readonly atLifetimeEnd?: 'close' | 'ask' | undefined;
  /** One attempt, from connecting to the last byte, milliseconds. Default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** All attempts of a question and the pauses between them, milliseconds. Default: what they may take together, 5,000. */
  readonly budgetMs?: number | undefined;
  /** Further attempts of a question after a fault of the transport, 0 to 10. Default 1. */
  readonly retries?: number | undefined;
  /** Pause before each further attempt; of a notification the first one, which then doubles. Milliseconds, default 1,000. */
  readonly retryDelayMs?: number | undefined;
  /** Whether `token` and `user` of an Authorization header are sent too. Default false. */
  readonly forwardCredentials?: boolean | undefined;
  /** Whether loopback, link-local and private addresses are never connected to, whatever a name resolves to. Default false. */
  readonly denyPrivateAddresses?: boolean | undefined;
  /** A longer answer fails, bytes. Default 65,536. */
  readonly maxResponseBytes?: number | undefined;
  /** Open connections per URL. Default 32. */
  readonly maxConnections?: number | undefined;
  /** Questions to one URL that wait at the same time; more of them fail at once. Default 1,000. */
  readonly maxPendingQuestions?: number | undefined;
  /** Answers that are kept per URL; the oldest go first. Default 10,000. */
  readonly maxCachedAnswers?: number | undefined;
  /** Faults of the transport in a row after which a URL is not asked for a while. Default 5. */
  readonly breakerFailures?: number | undefined;
  /** That while, milliseconds. Default 10,000. */
  readonly breakerOpenMs?: number | undefined;
  /** Time between two keepalives, milliseconds. Default 10,000. */
  readonly keepaliveIntervalMs?: number | undefined;
  /** Further attempts of a notification before it becomes a dead letter. Default 10. */
  readonly notificationRetries?: number | undefined;
  /** Longest pause before a further attempt of a notification, milliseconds. Default 60,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Notifications that wait per URL; the oldest are dropped when there are more. Default 10,000. */
  readonly maxQueuedNotifications?: number | undefined;
  /** Dead letters that are kept per URL; the oldest are forgotten when there are more. Default 1,000. */
  readonly maxDeadLetters?: number | undefined;
  /** For how long the last notifications are delivered when the server closes, milliseconds; less than `timeouts.closeMs`. Default 2,000. */
  readonly drainMs?: number | undefined;
}

type AllOptions = z.output<typeof optionsSchema>;

type CommonSettings = z.output<typeof commonSchema>;

/** Everything that one URL is asked or told with. */
export interface TargetSettings extends CommonSettings {
  readonly url: URL;
  readonly budgetMs: number;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends Pick<AllOptions, 'mediaServerId' | 'keepaliveIntervalMs' | 'drainMs'> {
  readonly targets: { readonly [H in DecisionHook | NotificationHook]: readonly TargetSettings[] };
}

/**
 * What the plugin runs with, so that a host can show the defaults.
 * @throws MediaError CONFIG_INVALID naming the option
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new MediaError('CONFIG_INVALID', `The options of webhooks are wrong: ${z.prettifyError(parsed.error)}`);
  }
  const all = parsed.data;
  const { mediaServerId, keepaliveIntervalMs, drainMs } = all;
  const common = commonSchema.parse(all);
  const targetsOf = (hook: DecisionHook | NotificationHook): readonly TargetSettings[] =>
    all.enabled ? all[hook].map((own) => settingsOf(common, own)) : [];
  const targets = {
    onPublish: targetsOf('onPublish'),
    onPlay: targetsOf('onPlay'),
    onStreamNotFound: targetsOf('onStreamNotFound'),
    onStreamNoneReader: targetsOf('onStreamNoneReader'),
    onServerStarted: targetsOf('onServerStarted'),
    onStreamChanged: targetsOf('onStreamChanged'),
    onFlowReport: targetsOf('onFlowReport'),
    onServerKeepalive: targetsOf('onServerKeepalive'),
    onServerExited: targetsOf('onServerExited'),
  };
  return { mediaServerId, keepaliveIntervalMs, drainMs, targets };
}

function settingsOf(common: CommonSettings, own: AllOptions['onPublish'][number]): TargetSettings {
  const timeoutMs = own.timeoutMs ?? common.timeoutMs;
  const retries = own.retries ?? common.retries;
  const retryDelayMs = own.retryDelayMs ?? common.retryDelayMs;
  const together = timeoutMs * (retries + 1) + retryDelayMs * retries;
  return {
    ...common,
    url: own.url,
    onError: own.onError ?? common.onError,
    atLifetimeEnd: own.atLifetimeEnd ?? common.atLifetimeEnd,
    secret: own.secret ?? common.secret,
    forwardCredentials: own.forwardCredentials ?? common.forwardCredentials,
    timeoutMs,
    retries,
    retryDelayMs,
    budgetMs: own.budgetMs ?? common.budgetMs ?? together,
  };
}
