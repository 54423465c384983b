import type { AccessAction, AccessRule, PathPatterns } from '@sluice/core';
import { z } from 'zod';
import { accessRule } from './access-rule.ts';
import { count, deadline, flag, group, httpUrl, list, milliseconds, text, wholeNumber } from './kinds.ts';

const kid = text.optional().describe('Of tokens that name a key only those which name this one.');

const jwtKey = z.union(
  [
    group({ secret: text.meta({ description: 'For HS256, at least 32 bytes.', secret: true }), kid }),
    group({ pem: text.describe('A public key or certificate: RS256, ES256 or EdDSA.'), kid }),
    group({ jwk: z.record(z.string(), z.unknown()).meta({ description: 'RFC 7517; a public key, or of type oct.', secret: true }), kid }),
    group({ file: text.describe('A PEM file, or a JSON file of a JWK or of a JWK set, found from the folder of the config file.'), kid }),
  ],
  { error: '{ secret }, { pem }, { jwk } or { file }, each with kid if you like' },
);

const oneOrMore = z.union([text, list(text, 'texts').min(1)], { error: 'a text, or a list of them' }).optional();

const jwks = group({
  url: httpUrl.describe('A JWK set.'),
  cacheMs: milliseconds.optional().meta({ description: 'How long a fetched set is taken as it is, milliseconds.', default: 600_000 }),
  staleMs: milliseconds.optional().meta({ description: 'How long after that it still counts while the URL fails, milliseconds.', default: 3_600_000 }),
  cooldownMs: wholeNumber('a number of milliseconds', { min: 1_000, max: 86_400_000 })
    .optional()
    .meta({ description: 'Least time between two fetches, milliseconds.', default: 30_000 }),
  timeoutMs: deadline.optional().meta({ description: 'One fetch, milliseconds.', default: 3_000 }),
  maxBytes: count.optional().meta({ description: 'A larger set is refused.', default: 262_144 }),
});

const jwt = group({
  keys: list(jwtKey, 'keys').max(32, { error: 'a list of at most 32 keys' }).optional().describe('Keys that tokens are verified with.'),
  jwks: jwks.optional().describe('Where such keys are fetched.'),
  issuer: oneOrMore.describe('iss must be one of these.'),
  audience: oneOrMore.describe('aud must name one of these.'),
  claim: text.optional().describe('Name of an object claim that holds publish, play, control and max_viewers. Default: they are claims themselves.'),
  leewayMs: milliseconds.optional().meta({ description: 'How far clocks may differ, milliseconds.', default: 5_000 }),
  requireExpiry: flag.optional().meta({ description: 'Whether a token without exp is refused.', default: true }),
  endSessions: flag.optional().meta({ description: 'Whether a session is closed when its token expires.', default: false }),
  maxTokenBytes: wholeNumber('a number of bytes', { min: 64, max: 65_536 }).optional().meta({ description: 'A longer token is refused unread.', default: 8_192 }),
}).superRefine(({ keys = [], jwks: set }, ctx) => {
  if (keys.length === 0 && !set) ctx.addIssue({ code: 'custom', path: ['keys'], message: 'a list of keys, or jwks be set' });
});

/** What {@link refuseUnverifiable} looks at. */
interface Rules {
  readonly auth: Readonly<Partial<Record<AccessAction, AccessRule>>> & { readonly jwt?: unknown };
  readonly paths: PathPatterns;
}

/** A rule that wants tokens, while nothing is there to verify them with, would refuse everybody. */
export function refuseUnverifiable({ auth, paths }: Rules, ctx: z.core.$RefinementCtx): void {
  if (auth.jwt !== undefined) return;
  const rules = [[['auth'], auth] as const, ...Object.entries(paths).map(([pattern, settings]) => [['paths', pattern], settings] as const)];
  for (const [where, settings] of rules) {
    for (const action of ['publish', 'play'] as const) {
      if (settings[action]?.jwt) ctx.addIssue({ code: 'custom', path: [...where, action, 'jwt'], message: 'false, or auth.jwt say how tokens are verified' });
    }
  }
}

/** `auth`: who may publish and play; see `@sluice/plugin-auth`, which has the defaults. */
export const authSettings = group({
  publish: accessRule.optional().describe('Who may publish.'),
  play: accessRule.optional().describe('Who may play.'),
  jwt: jwt.optional().describe('JSON Web Tokens.'),
  recheckMs: wholeNumber('a number of milliseconds', { min: 1_000, max: 86_400_000 })
    .optional()
    .describe('How often sessions that live are asked for their right again, milliseconds. Default: never.'),
}).prefault({});
