import { z } from 'zod';
import { parseSecret } from '../delivery/signature.ts';

/** The longest time that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const time = z.number().min(0).max(MAX_TIMER_MS);
const deadline = z.number().positive().max(MAX_TIMER_MS);
const positive = z.int().min(1);
const errorPolicy = z.enum(['deny', 'allow', 'lastKnown']);
const lifetimeEnd = z.enum(['close', 'ask']);

const httpUrl = z.union([z.string(), z.instanceof(URL)]).transform((value, ctx) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url;
  ctx.addIssue('expected an http or https URL');
  return z.NEVER;
});

const secret = z.string().refine(isSecret, 'expected whsec_ and 24 to 64 random bytes as base64');
const secrets = z.union([secret.transform((one) => [one]), z.array(secret)]);

const ownSettings = z.strictObject({
  url: httpUrl,
  onError: errorPolicy.optional(),
  atLifetimeEnd: lifetimeEnd.optional(),
  timeoutMs: deadline.optional(),
  budgetMs: deadline.optional(),
  retries: z.int().min(0).max(10).optional(),
  retryDelayMs: time.optional(),
  secret: secrets.optional(),
  forwardCredentials: z.boolean().optional(),
});

const target = z.union([httpUrl.transform((url): z.output<typeof ownSettings> => ({ url })), ownSettings]);
const targets = z.union([target.transform((one) => [one]), z.array(target)]).default([]);

/** What every URL is asked or told with, unless it has settings of its own. */
const common = {
  secret: secrets.default([]),
  onError: errorPolicy.default('deny'),
  atLifetimeEnd: lifetimeEnd.default('close'),
  timeoutMs: deadline.default(2_000),
  budgetMs: deadline.optional(),
  retries: z.int().min(0).max(10).default(1),
  retryDelayMs: time.default(1_000),
  forwardCredentials: z.boolean().default(false),
  denyPrivateAddresses: z.boolean().default(false),
  maxResponseBytes: positive.default(65_536),
  maxConnections: positive.default(32),
  maxPendingQuestions: positive.default(1_000),
  maxCachedAnswers: positive.default(10_000),
  breakerFailures: positive.default(5),
  breakerOpenMs: deadline.default(10_000),
  notificationRetries: z.int().min(0).default(10),
  maxRetryDelayMs: time.default(60_000),
  maxQueuedNotifications: positive.default(10_000),
  maxDeadLetters: z.int().min(0).default(1_000),
};

/** Takes of all options what is of every URL. */
export const commonSchema = z.object(common);

/** What the plugin takes, with the defaults. */
export const optionsSchema = z.strictObject({
  ...common,
  enabled: z.boolean().default(true),
  onPublish: targets,
  onPlay: targets,
  onStreamNotFound: targets,
  onStreamNoneReader: targets,
  onServerStarted: targets,
  onStreamChanged: targets,
  onFlowReport: targets,
  onServerKeepalive: targets,
  onServerExited: targets,
  mediaServerId: z.string().default('sluice'),
  keepaliveIntervalMs: deadline.default(10_000),
  drainMs: time.default(2_000),
});

function isSecret(text: string): boolean {
  return parseSecret(text) !== undefined;
}
