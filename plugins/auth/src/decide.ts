import { type AccessAction, type AccessRequest, MediaError, type Verdict, allow, deny } from '@sluice/core';
import type { JWTPayload } from 'jose';
import { type Permissions, permissionsOf } from './jwt/permissions.ts';
import type { TokenVerifier } from './jwt/verifier.ts';
import type { ResolvedOptions } from './options.ts';
import type { AuthSource, Outcomes } from './outcomes.ts';
import type { CompiledRule } from './rules.ts';

/** What decisions are made from; replaced whole when the plugin is given other options. */
export interface Policy {
  readonly options: ResolvedOptions;
  readonly ruleOf: (action: AccessAction, request: AccessRequest) => CompiledRule;
  readonly verifier: TokenVerifier | undefined;
}

/** A verdict and what it was made by. */
interface Decision {
  readonly source: AuthSource;
  readonly verdict: Verdict | undefined;
}

/** The allow list; it has no word on who passes it. */
export function checkAddress(policy: Policy, action: AccessAction, request: AccessRequest, outcomes: Outcomes): Verdict | undefined {
  const { isAllowedAddress } = policy.ruleOf(action, request);
  if (!isAllowedAddress) return undefined;
  const isAllowed = isAllowedAddress(request.remote.address);
  outcomes.add(action, 'address', isAllowed ? 'allowed' : 'refused');
  return isAllowed ? undefined : deny(`Nobody may ${action} this stream from your address.`);
}

/**
 * Stream keys, then tokens.
 * @throws MediaError HOOK_FAILED while the keys of tokens cannot be fetched
 */
export async function checkCredentials(policy: Policy, action: AccessAction, request: AccessRequest, outcomes: Outcomes, now: number): Promise<Verdict | undefined> {
  try {
    const { source, verdict } = await decide(policy, action, request, now);
    outcomes.add(action, source, verdict?.allow === false ? 'refused' : 'allowed');
    return verdict;
  } catch (error) {
    outcomes.add(action, 'jwt', 'failed');
    throw error;
  }
}

async function decide(policy: Policy, action: AccessAction, request: AccessRequest, now: number): Promise<Decision> {
  const { needsCredentials, isKey, takesTokens } = policy.ruleOf(action, request);
  const { recheckMs } = policy.options;
  const again = recheckMs === undefined ? {} : { lifetimeMs: recheckMs, renew: true };
  if (!needsCredentials) return { source: 'none', verdict: recheckMs === undefined ? undefined : allow(again) };
  const { token } = request.credentials;
  if (!token) return { source: 'none', verdict: deny(`To ${action} this stream takes a ${takesTokens ? 'token' : 'stream key'}.`, 401) };
  if (isKey(token)) return { source: 'key', verdict: allow(again) };
  if (!takesTokens || !policy.verifier) return { source: 'key', verdict: deny('The stream key is wrong.', 401) };
  return { source: 'jwt', verdict: await tokenVerdict(policy, policy.verifier, action, request, now) };
}

async function tokenVerdict({ options }: Policy, verifier: TokenVerifier, action: AccessAction, request: AccessRequest, now: number): Promise<Verdict> {
  const { claim, endSessions = false, leewayMs = 0 } = options.jwt ?? {};
  const verified = await verifier.verify(request.credentials.token ?? '', { ignoreExpiry: request.renewal === true && !endSessions });
  if ('refusal' in verified) return deny(verified.refusal, 401);
  const permissions = readPermissions(verified.payload, claim);
  if ('refusal' in permissions) return deny(permissions.refusal, 401);
  if (!permissions.allows(action, request)) return deny(`The token does not allow to ${action} this stream.`);
  const { exp } = verified.payload;
  const leftMs = endSessions && exp !== undefined ? Math.max(0, exp * 1_000 + leewayMs - now) : Infinity;
  return allow({
    ...lifetimeOf(leftMs, options.recheckMs ?? Infinity),
    maxReaders: permissions.maxViewers,
    control: action === 'play' ? permissions.allows('control', request) : undefined,
    identity: identityOf(verified.payload),
  });
}

/** A subject is unique within its issuer (RFC 7519 section 4.1.2). */
function identityOf({ iss, sub }: JWTPayload): string | undefined {
  return typeof sub === 'string' && sub !== '' ? JSON.stringify(['jwt', iss ?? null, sub]) : undefined;
}

/** Whichever comes first: the end of the token, or the time to ask again. */
function lifetimeOf(leftMs: number, recheckMs: number): { lifetimeMs?: number; renew?: boolean } {
  if (Math.min(leftMs, recheckMs) === Infinity) return {};
  return leftMs <= recheckMs ? { lifetimeMs: leftMs } : { lifetimeMs: recheckMs, renew: true };
}

function readPermissions(payload: JWTPayload, claim: string | undefined): Permissions | { readonly refusal: string } {
  try {
    return permissionsOf(payload, claim);
  } catch (error) {
    if (MediaError.is(error)) return { refusal: error.message };
    throw error;
  }
}
