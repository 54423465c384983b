import { MediaError } from '@sluice/core';
import { z } from 'zod';

/** An http or https URL; a user name in it would silently not be sent, so it is refused. */
const hookUrl = z.union([z.string(), z.instanceof(URL)]).transform((value, ctx) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol) && url.username === '') return url;
  ctx.addIssue('expected an http or https URL without user name; put a secret into its query');
  return z.NEVER;
});

const optionsSchema = z.strictObject({
  onPublish: hookUrl.optional(),
  onPlay: hookUrl.optional(),
  onStreamNotFound: hookUrl.optional(),
  onStreamNoneReader: hookUrl.optional(),
  timeoutMs: z.number().positive().default(2_000),
  retries: z.int().min(0).max(10).default(1),
  retryDelayMs: z.number().min(0).default(1_000),
  maxResponseBytes: z.int().min(1).default(65_536),
  maxConnections: z.int().min(1).default(32),
  mediaServerId: z.string().default('sluice'),
});

/** Options with every default filled in. */
export type ResolvedOptions = z.output<typeof optionsSchema>;

/** What the plugin takes. A hook point without URL is left to others. */
export interface WebhooksOptions {
  /** Asked before somebody publishes. */
  readonly onPublish?: string | URL | undefined;
  /** Asked before somebody plays. */
  readonly onPlay?: string | URL | undefined;
  /** Told that a viewer waits for a missing stream; may end the wait. */
  readonly onStreamNotFound?: string | URL | undefined;
  /** Asked whether a stream without viewers may go. */
  readonly onStreamNoneReader?: string | URL | undefined;
  /** One attempt, from connecting to the last byte, milliseconds. Default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** Further attempts after a transport fault, 0 to 10. Default 1. */
  readonly retries?: number | undefined;
  /** Pause before each further attempt, milliseconds. Default 1,000. */
  readonly retryDelayMs?: number | undefined;
  /** A longer answer fails. Default 65,536. */
  readonly maxResponseBytes?: number | undefined;
  /** Open connections per host; further questions queue within their timeout. Default 32. */
  readonly maxConnections?: number | undefined;
  /** Tells the receiver which server asks. Default `sluice`. */
  readonly mediaServerId?: string | undefined;
}

/** @throws MediaError CONFIG_INVALID naming the option */
export function resolveOptions(options: WebhooksOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new MediaError('CONFIG_INVALID', `The options of webhooks are wrong: ${z.prettifyError(parsed.error)}`);
}
