import type { Clock } from '@sluice/core';
import { type JWTPayload, type JWTVerifyOptions, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { ResolvedJwtOptions } from '../options.ts';
import { type Algorithm, type VerificationKey, isAlgorithm } from './algorithms.ts';
import { readKeys } from './read-keys.ts';
import { RemoteKeySet, type RemoteKeySetSurroundings } from './remote-key-set.ts';

/** What a token came to; a refusal is in words for whoever has brought it. */
export type Verified = { readonly payload: JWTPayload } | { readonly refusal: string };

/** Verifies signed tokens. */
export interface TokenVerifier {
  /**
   * @param ignoreExpiry for a session that its token does not end
   * @throws MediaError HOOK_FAILED while the keys cannot be fetched
   */
  verify(token: string, options?: { readonly ignoreExpiry?: boolean }): Promise<Verified>;
  close(): void;
}

/** What {@link createVerifier} takes. */
export interface VerifierOptions extends RemoteKeySetSurroundings {
  readonly jwt: ResolvedJwtOptions;
  readonly folder: string;
}

/** Tries no more keys than this on a token that names none. */
const MAX_TRIED_KEYS = 32;

/** @throws MediaError CONFIG_INVALID */
export async function createVerifier({ jwt, folder, ...surroundings }: VerifierOptions): Promise<TokenVerifier> {
  const { clock } = surroundings;
  const own = await readKeys(jwt.keys, folder);
  const remote = jwt.jwks && new RemoteKeySet(jwt.jwks, surroundings);

  async function verify(token: string, ignoreExpiry: boolean): Promise<Verified> {
    if (token.length > jwt.maxTokenBytes) return { refusal: `The token has more than ${jwt.maxTokenBytes} bytes.` };
    const header = headerOf(token);
    if ('refusal' in header) return header;
    const matches = (key: VerificationKey): boolean => isFor(key, header);
    const checks = checksOf(jwt, clock, ignoreExpiry);
    const verified = await tryKeys(token, own.filter(matches), checks);
    if (verified || !remote) return verified ?? noKey(header);
    return (await tryKeys(token, await remote.find(matches), checks)) ?? noKey(header);
  }

  return {
    verify: (token, { ignoreExpiry = false } = {}) => verify(token, ignoreExpiry),
    close: () => remote?.close(),
  };
}

interface Header {
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
}

function headerOf(token: string): Header | { readonly refusal: string } {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (!isAlgorithm(alg)) return { refusal: 'The token is signed with none of HS256, RS256, ES256 and EdDSA.' };
    return { algorithm: alg, kid: typeof kid === 'string' ? kid : undefined };
  } catch {
    return { refusal: 'The token is no JSON Web Token.' };
  }
}

function isFor({ algorithm, kid }: VerificationKey, header: Header): boolean {
  return algorithm === header.algorithm && (kid === undefined || header.kid === undefined || kid === header.kid);
}

function noKey({ kid }: Header): Verified {
  return { refusal: kid === undefined ? 'The token is signed with no key that is known here.' : 'The token names a key that is not known here, or is not signed with it.' };
}

/** @returns undefined when none of the keys has signed it */
async function tryKeys(token: string, keys: readonly VerificationKey[], checks: JWTVerifyOptions): Promise<Verified | undefined> {
  for (const { key, algorithm } of keys.slice(0, MAX_TRIED_KEYS)) {
    try {
      // One after the other: the first is the one, except while keys are being replaced.
      const { payload } = await jwtVerify(token, key, { ...checks, algorithms: [algorithm] });
      return { payload };
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      return { refusal: refusalOf(error) };
    }
  }
  return undefined;
}

function checksOf(jwt: ResolvedJwtOptions, clock: Clock, ignoreExpiry: boolean): JWTVerifyOptions {
  return {
    ...(jwt.issuer === undefined ? {} : { issuer: jwt.issuer }),
    ...(jwt.audience === undefined ? {} : { audience: jwt.audience }),
    requiredClaims: jwt.requireExpiry ? ['exp'] : [],
    clockTolerance: ignoreExpiry ? Number.MAX_SAFE_INTEGER : jwt.leewayMs / 1_000,
    currentDate: new Date(clock.now()),
  };
}

/** The signature was right, or nothing could be read. */
function refusalOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'The token is no JSON Web Token that can be read.';
  const { claim, reason } = error;
  if (reason === 'missing') return `The token has no claim ${claim}, which is needed here.`;
  if (claim === 'nbf') return 'The token is not valid yet.';
  return `The claim ${claim} of the token is not what is needed here.`;
}
