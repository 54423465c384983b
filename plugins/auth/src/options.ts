import { type AccessRule, MediaError } from '@sluice/core';
import { z } from 'zod';

const text = z.string().min(1);
const milliseconds = z.int().min(0);

const rule = z
  .strictObject({
    addresses: z.array(text).optional(),
    keys: z.array(z.string().min(8, { error: 'a stream key has at least 8 characters' })).optional(),
    jwt: z.boolean().optional(),
    open: z.boolean().optional(),
  })
  .refine(({ open, keys, jwt }) => !(open && (keys || jwt)), { error: 'open needs no credentials, so it goes with neither keys nor jwt' });

const key = z.union([
  z.strictObject({ secret: text, kid: text.optional() }),
  z.strictObject({ pem: text, kid: text.optional() }),
  z.strictObject({ jwk: z.record(z.string(), z.unknown()), kid: text.optional() }),
  z.strictObject({ file: text, kid: text.optional() }),
]);

const jwks = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  cacheMs: milliseconds.default(600_000),
  staleMs: milliseconds.default(3_600_000),
  cooldownMs: z.int().min(1_000).default(30_000),
  timeoutMs: z.int().min(1).default(3_000),
  maxBytes: z.int().min(1).default(262_144),
});

const jwt = z.strictObject({
  keys: z.array(key).max(32).default([]),
  jwks: jwks.optional(),
  issuer: z.union([text, z.array(text).min(1)]).optional(),
  audience: z.union([text, z.array(text).min(1)]).optional(),
  claim: text.optional(),
  leewayMs: milliseconds.default(5_000),
  requireExpiry: z.boolean().default(true),
  endSessions: z.boolean().default(false),
  maxTokenBytes: z.int().min(64).default(8_192),
});

const optionsSchema = z.strictObject({
  publish: rule.optional(),
  play: rule.optional(),
  jwt: jwt.refine(({ keys, jwks: set }) => keys.length > 0 || set !== undefined, { error: 'tokens need keys or jwks to be verified with' }).optional(),
  recheckMs: z.int().min(1_000).optional(),
  folder: text.default(process.cwd()),
});

/** Options with every default filled in. */
export type ResolvedOptions = z.output<typeof optionsSchema>;
export type ResolvedJwtOptions = NonNullable<ResolvedOptions['jwt']>;
export type ResolvedJwksOptions = NonNullable<ResolvedJwtOptions['jwks']>;
export type KeyOption = ResolvedJwtOptions['keys'][number];

/** A key that tokens are verified with. Its kind decides the algorithm: HS256, RS256, ES256 (P-256) or EdDSA (Ed25519). */
export type JwtKey = (
  | {
      /** HS256, at least 32 bytes of UTF-8. */
      readonly secret: string;
    }
  | {
      /** A public key or certificate. */
      readonly pem: string;
    }
  | {
      /** RFC 7517; a public key, or of type `oct`. */
      readonly jwk: Readonly<Record<string, unknown>>;
    }
  | {
      /** A PEM file, or a JSON file of a JWK or of a JWK set. */
      readonly file: string;
    }
) & {
  /** Of tokens that name a key only those which name this one. Default: that of the JWK, else any. */
  readonly kid?: string | undefined;
};

/** Where keys are fetched from. */
export interface JwksOptions {
  readonly url: string;
  /** How long a fetched set is taken as it is, milliseconds. Default 600,000. */
  readonly cacheMs?: number | undefined;
  /** How long after that it still counts while the URL fails, milliseconds. Default 3,600,000. */
  readonly staleMs?: number | undefined;
  /** Least time between two fetches, so that tokens with invented key ids cause no flood, milliseconds. At least 1,000, default 30,000. */
  readonly cooldownMs?: number | undefined;
  /** One fetch, milliseconds. Default 3,000. */
  readonly timeoutMs?: number | undefined;
  /** A larger set is refused. Default 262,144. */
  readonly maxBytes?: number | undefined;
}

/** How JSON Web Tokens are verified. */
export interface JwtOptions {
  /** At most 32. */
  readonly keys?: readonly JwtKey[] | undefined;
  readonly jwks?: JwksOptions | undefined;
  /** `iss` must be one of these. */
  readonly issuer?: string | readonly string[] | undefined;
  /** `aud` must name one of these. */
  readonly audience?: string | readonly string[] | undefined;
  /** Name of an object claim that holds `publish`, `play`, `control` and `max_viewers`. Default: they are claims themselves. */
  readonly claim?: string | undefined;
  /** How far clocks may differ, for `exp` and `nbf`, milliseconds. Default 5,000. */
  readonly leewayMs?: number | undefined;
  /** Whether a token without `exp` is refused. Default true. */
  readonly requireExpiry?: boolean | undefined;
  /** Whether a session is closed when its token expires. Default false: the token only opens the door. */
  readonly endSessions?: boolean | undefined;
  /** A longer token is refused unread. Default 8,192. */
  readonly maxTokenBytes?: number | undefined;
}

/** What the plugin takes. */
export interface AuthOptions {
  /** Who may publish; a path's own `publish` goes before it. */
  readonly publish?: AccessRule | undefined;
  /** Who may play; a path's own `play` goes before it. */
  readonly play?: AccessRule | undefined;
  readonly jwt?: JwtOptions | undefined;
  /** How often sessions that live are asked for their right again, milliseconds, at least 1,000. Default: never. */
  readonly recheckMs?: number | undefined;
  /** Folder that files of keys are found from. Default: the current one. */
  readonly folder?: string | undefined;
}

/** @throws MediaError CONFIG_INVALID naming the option */
export function resolveOptions(options: unknown): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new MediaError('CONFIG_INVALID', `The options of auth are wrong: ${z.prettifyError(parsed.error)}`);
}
