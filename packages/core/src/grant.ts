import { MediaError } from './errors.ts';
import type { AccessRequest, HookName, Verdict } from './hook-points.ts';
import { checkName } from './names.ts';

/** What the access hooks agreed on. */
export interface Grant {
  /** The request, with the stream name that the hooks chose. */
  readonly request: AccessRequest;
  /** Until the session is closed: the smallest lifetime that a hook gave. */
  readonly lifetimeMs: number | undefined;
  /** Until the hooks are asked again: the smallest lifetime that a hook gave with `renew`. */
  readonly renewAfterMs: number | undefined;
  /** The smallest one that a hook gave. */
  readonly maxReaders: number | undefined;
  /** False when one hook says so; undefined when none says anything. */
  readonly control: boolean | undefined;
  /** The last one that a hook gave. */
  readonly identity: string | undefined;
}

/** Who answered, for errors. */
interface Answerer {
  readonly point: HookName;
  readonly owner: string;
}

/** A grant that nobody has bounded. */
export function unboundedGrant(request: AccessRequest): Grant {
  return { request, lifetimeMs: undefined, renewAfterMs: undefined, maxReaders: undefined, control: undefined, identity: undefined };
}

/** @throws MediaError FORBIDDEN, UNAUTHORISED, HOOK_FAILED */
export function applyVerdict(grant: Grant, verdict: Verdict, point: HookName, owner: string): Grant {
  // Authors without types may return anything; what is no clear yes is no yes.
  if (typeof verdict.allow !== 'boolean') throw hookFailed({ point, owner }, 'must answer with allow() or deny()');
  if (!verdict.allow) {
    throw new MediaError(verdict.status === 401 ? 'UNAUTHORISED' : 'FORBIDDEN', verdict.reason, { plugin: owner });
  }
  const by = { point, owner };
  const lifetimeMs = checkedBound(verdict.lifetimeMs, 'lifetimeMs', by);
  return {
    request: verdict.stream === undefined ? grant.request : rename(grant.request, verdict.stream, by),
    lifetimeMs: verdict.renew ? grant.lifetimeMs : smaller(grant.lifetimeMs, lifetimeMs),
    renewAfterMs: verdict.renew ? smaller(grant.renewAfterMs, lifetimeMs) : grant.renewAfterMs,
    maxReaders: smaller(grant.maxReaders, checkedBound(verdict.maxReaders, 'maxReaders', by)),
    control: grant.control === false || verdict.control === false ? false : (verdict.control ?? grant.control),
    identity: checkedIdentity(verdict.identity, by) ?? grant.identity,
  };
}

function smaller(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
}

function checkedBound(bound: number | undefined, name: 'lifetimeMs' | 'maxReaders', by: Answerer): number | undefined {
  if (bound === undefined || bound === Infinity) return undefined;
  if (typeof bound === 'number' && bound >= 0) return bound;
  throw hookFailed(by, `gave a ${name} that is no number of at least 0`);
}

function checkedIdentity(identity: string | undefined, by: Answerer): string | undefined {
  if (identity === undefined || (typeof identity === 'string' && identity !== '')) return identity;
  throw hookFailed(by, 'gave an identity that is no text');
}

function rename(request: AccessRequest, stream: string, by: Answerer): AccessRequest {
  try {
    checkName('stream', stream);
  } catch (error) {
    throw hookFailed(by, 'gave the stream a name that cannot be used', error);
  }
  return { ...request, stream };
}

function hookFailed({ point, owner }: Answerer, what: string, cause?: unknown): MediaError {
  return new MediaError('HOOK_FAILED', `The ${point} hook of ${owner} ${what}.`, { plugin: owner, cause });
}
