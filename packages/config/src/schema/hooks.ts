import { z } from 'zod';
import { choice, count, deadline, flag, group, httpUrl, list, milliseconds, positive, text, wholeNumber } from './kinds.ts';

const secret = z
  .string({ error: 'a text' })
  .regex(/^(whsec_)?[A-Za-z0-9+/]{32,86}={0,2}$/, { error: 'whsec_ and 24 to 64 random bytes as base64' });
const secrets = z.union([secret, list(secret, 'secrets')], { error: 'whsec_ and 24 to 64 random bytes as base64, or a list of such secrets' });
const errorPolicy = choice(['deny', 'allow', 'lastKnown']);
const lifetimeEnd = choice(['close', 'ask']);
const retries = wholeNumber('a whole number', { min: 0, max: 10 });

const urlSettings = group({
  url: httpUrl.describe('Asked or told.'),
  onError: errorPolicy.optional().describe('As hooks.onError, like the next ones; of this URL only.'),
  atLifetimeEnd: lifetimeEnd.optional(),
  timeoutMs: deadline.optional(),
  budgetMs: deadline.optional(),
  retries: retries.optional(),
  retryDelayMs: milliseconds.optional(),
  secret: secrets.optional().meta({ secret: true }),
  forwardCredentials: flag.optional(),
});
const hookUrl = z.union([httpUrl, urlSettings]);

/** A URL, one with settings of its own, or several of these. */
function hookUrls(description: string) {
  return z
    .union([httpUrl, urlSettings, list(hookUrl, 'URLs')], { error: 'an http or https URL, { url, … } with settings of its own, or a list of these' })
    .optional()
    .describe(description);
}

/** `hooks`: URLs asked and told at the hook points; see `@sluice/plugin-webhooks`, which has the defaults. */
export const hookSettings = group({
  enabled: flag.optional().meta({ description: 'Whether any URL is asked or told.', default: true }),
  onPublish: hookUrls('Asked before somebody publishes.'),
  onPlay: hookUrls('Asked before somebody plays.'),
  onStreamNotFound: hookUrls('Told that a viewer waits for a missing stream; may end the wait, or name a source.'),
  onStreamNoneReader: hookUrls('Asked whether a stream without viewers may go.'),
  onServerStarted: hookUrls('Told that the server takes requests.'),
  onStreamChanged: hookUrls('Told that a stream is live, or has ended.'),
  onFlowReport: hookUrls('Told of every session that has ended, with its bytes.'),
  onServerKeepalive: hookUrls('Told at times that the server lives.'),
  onServerExited: hookUrls('Told at last that the server has ended.'),
  mediaServerId: text.optional().meta({ description: 'Tells the receiver which server asks.', default: 'sluice' }),
  secret: secrets.optional().meta({ description: 'Signs what is sent (Standard Webhooks); with several, each signs it.', secret: true }),
  onError: errorPolicy
    .optional()
    .meta({ description: 'When no usable answer came; lastKnown = what the same question was answered with before, else deny.', default: 'deny' }),
  atLifetimeEnd: lifetimeEnd.optional().meta({ description: 'What happens at the end of an answer\'s lifetime.', default: 'close' }),
  timeoutMs: deadline.optional().meta({ description: 'One attempt, from connecting to the last byte, milliseconds.', default: 2000 }),
  budgetMs: deadline
    .optional()
    .describe('All attempts of a question and the pauses between them, milliseconds. Default: what they may take together, 5000 with the other defaults.'),
  retries: retries.optional().meta({ description: 'Further attempts of a question after a fault of the transport.', default: 1 }),
  retryDelayMs: milliseconds
    .optional()
    .meta({ description: 'Pause before each further attempt; of a notification the first one, which then doubles. Milliseconds.', default: 1000 }),
  forwardCredentials: flag.optional().meta({ description: 'Whether token and user of an Authorization header are sent too.', default: false }),
  denyPrivateAddresses: flag.optional().meta({ description: 'Whether loopback, link-local, private and other special addresses are never connected to.', default: false }),
  maxResponseBytes: positive.optional().meta({ description: 'A longer answer fails, bytes.', default: 65_536 }),
  maxConnections: positive.optional().meta({ description: 'Open connections per URL.', default: 32 }),
  maxPendingQuestions: positive.optional().meta({ description: 'Questions that wait for one URL; more of them fail at once.', default: 1000 }),
  maxCachedAnswers: positive.optional().meta({ description: 'Answers that are kept per URL; the oldest go first.', default: 10_000 }),
  breakerFailures: positive.optional().meta({ description: 'Faults of the transport in a row after which a URL is not asked for a while.', default: 5 }),
  breakerOpenMs: deadline.optional().meta({ description: 'That while, milliseconds.', default: 10_000 }),
  keepaliveIntervalMs: deadline.optional().meta({ description: 'Time between two keepalives, milliseconds.', default: 10_000 }),
  notificationRetries: count.optional().meta({ description: 'Further attempts of a notification before it becomes a dead letter.', default: 10 }),
  maxRetryDelayMs: milliseconds.optional().meta({ description: 'Longest pause before a further attempt of a notification, milliseconds.', default: 60_000 }),
  maxQueuedNotifications: positive.optional().meta({ description: 'Notifications that wait per URL; the oldest are dropped.', default: 10_000 }),
  maxDeadLetters: count.optional().meta({ description: 'Dead letters that are kept per URL; the oldest are forgotten.', default: 1000 }),
  drainMs: milliseconds
    .optional()
    .meta({ description: 'For how long the last notifications are delivered at the end, milliseconds; less than timeouts.closeMs.', default: 2000 }),
}).prefault({});
