import { type KeyObject, createPrivateKey, createSecretKey } from 'node:crypto';
import { MediaError } from '@sluice/core';
import { SignJWT } from 'jose';
import { algorithmOf } from './jwt/algorithms.ts';
import { permissionsOf } from './jwt/permissions.ts';
import type { JwtOptions } from './options.ts';

/** What {@link signToken} puts into a token; patterns as the claims of the same names have them. */
export interface TokenRequest {
  readonly publish?: readonly string[] | undefined;
  readonly play?: readonly string[] | undefined;
  readonly control?: readonly string[] | undefined;
  readonly maxViewers?: number | undefined;
  /** Seconds from now. */
  readonly expiresIn: number;
}

/** What a token is signed with, and how it is verified. */
export interface SigningOptions {
  /** A private key as PEM or JWK. Default: the first secret of `jwt.keys`. */
  readonly privateKey?: string | undefined;
  readonly kid?: string | undefined;
  /** The options that will verify it: `issuer`, `audience` and `claim` are theirs. */
  readonly jwt?: JwtOptions | undefined;
}

/**
 * Makes a token for tests and small set-ups.
 * @throws MediaError ARGUMENT_INVALID when a pattern or the key is none
 */
export async function signToken({ publish, play, control, maxViewers, expiresIn }: TokenRequest, { privateKey, kid, jwt = {} }: SigningOptions): Promise<string> {
  const given = Object.entries({ publish, play, control, max_viewers: maxViewers }).filter(([, value]) => value !== undefined);
  const rights = Object.fromEntries(given);
  permissionsOf(rights, undefined);
  const { key, keyId = kid } = privateKey === undefined ? secretOf(jwt) : { key: readPrivateKey(privateKey) };
  const alg = algorithmOf(key);
  if (!alg) throw new MediaError('ARGUMENT_INVALID', 'The key signs with none of HS256, RS256, ES256 and EdDSA.');
  const token = new SignJWT(jwt.claim === undefined ? rights : { [jwt.claim]: rights })
    .setProtectedHeader({ alg, ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + expiresIn * 1_000));
  const [issuer] = [jwt.issuer ?? []].flat();
  const [audience] = [jwt.audience ?? []].flat();
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(key);
}

function secretOf({ keys = [] }: JwtOptions): { readonly key: KeyObject; readonly keyId: string | undefined } {
  for (const option of keys) if ('secret' in option) return { key: createSecretKey(option.secret, 'utf8'), keyId: option.kid };
  throw new MediaError('ARGUMENT_INVALID', 'There is no secret in auth.jwt.keys to sign with; give the private key that belongs to one of the keys there, or to the JWKS.');
}

function readPrivateKey(text: string): KeyObject {
  try {
    return text.trimStart().startsWith('{') ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' }) : createPrivateKey(text);
  } catch {
    throw new MediaError('ARGUMENT_INVALID', 'The key is no private key as PEM or JWK.');
  }
}
