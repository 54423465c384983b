import type { AccessRule } from '@sluice/core';
import { z } from 'zod';
import { flag, group, ipRange, list } from './kinds.ts';

const streamKey = z.string({ error: 'a text' }).min(8, { error: 'a text of at least 8 characters' });

/** Who may publish, or play: of the whole server in `auth`, of some streams in `paths`. */
export const accessRule = group({
  addresses: list(ipRange, 'IP addresses or ranges').optional().describe('Where requests may come from; an empty list allows nobody. Default: anywhere.'),
  keys: list(streamKey, 'stream keys')
    .optional()
    .meta({ description: 'Stream keys of at least 8 characters, or sha256: and the hexadecimal digest of one; one of them is enough.', secret: true }),
  jwt: flag.optional().describe('Whether a token is enough. Default: when auth.jwt is set.'),
  open: flag.optional().meta({ description: 'Whether no credentials are needed.', default: false }),
} satisfies Record<keyof AccessRule, z.ZodType>).superRefine(({ open, keys, jwt }, ctx) => {
  if (open && (keys !== undefined || jwt)) ctx.addIssue({ code: 'custom', path: ['open'], message: 'false where keys or jwt are wanted' });
});
