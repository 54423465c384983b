import { type AccessAction, type AccessRule, MediaError, type StreamKey, addressRanges, includeWholeInternet } from '@sluice/core';
import type { AuthOptions } from './options.ts';
import { staticKeys } from './static-keys.ts';

/** A rule in a form that decides quickly. */
export interface CompiledRule {
  /** Absent = from anywhere. */
  readonly isAllowedAddress?: ((address: string) => boolean) | undefined;
  readonly needsCredentials: boolean;
  readonly isKey: (given: string) => boolean;
  readonly takesTokens: boolean;
}

/** What {@link createRules} takes. */
export interface RulesOptions {
  readonly publish?: AccessRule | undefined;
  readonly play?: AccessRule | undefined;
  /** Whether tokens can be verified. */
  readonly hasJwt: boolean;
  readonly pathRule: (action: AccessAction, key: StreamKey) => AccessRule | undefined;
}

/**
 * Finds the rule of a stream.
 * @throws MediaError CONFIG_INVALID, also later for the rule of a path
 */
export function createRules({ publish, play, hasJwt, pathRule }: RulesOptions): (action: AccessAction, key: StreamKey) => CompiledRule {
  const general = { publish: publish ?? {}, play: play ?? {} };
  const compiled = { publish: compile(general.publish, hasJwt), play: compile(general.play, hasJwt) };
  const ofPaths = { publish: new WeakMap<AccessRule, CompiledRule>(), play: new WeakMap<AccessRule, CompiledRule>() };
  return (action, key) => {
    const own = pathRule(action, key);
    if (own === undefined) return compiled[action];
    const known = ofPaths[action].get(own);
    if (known) return known;
    const rule = compile(merge(general[action], own), hasJwt);
    ofPaths[action].set(own, rule);
    return rule;
  };
}

/**
 * Whether the rule of the server keeps strangers out, and no path lets them in. An allow list that holds all addresses
 * keeps nobody out.
 * @param ofPaths their own rules
 */
export function restrictsAccess(action: AccessAction, { publish, play, jwt }: Pick<AuthOptions, AccessAction | 'jwt'>, ofPaths: readonly AccessRule[] = []): boolean {
  const general = { publish, play }[action] ?? {};
  const rules = [general, ...ofPaths.map((own) => merge(general, own))];
  return rules.every((rule) => compile(rule, jwt !== undefined).needsCredentials || isSelective(rule.addresses));
}

function isSelective(addresses: AccessRule['addresses']): boolean {
  return addresses !== undefined && !includeWholeInternet('addresses', addresses);
}

/** Who names credentials for a path wants them there, although the server is open elsewhere; and the other way round. */
function merge(general: AccessRule, own: AccessRule): AccessRule {
  if (own.open) return { addresses: own.addresses ?? general.addresses, open: true };
  return {
    addresses: own.addresses ?? general.addresses,
    keys: own.keys ?? general.keys,
    jwt: own.jwt ?? general.jwt,
    open: own.open ?? (own.keys === undefined && own.jwt !== true && general.open),
  };
}

function compile(rule: AccessRule, hasJwt: boolean): CompiledRule {
  const { addresses, keys, jwt: takesTokens = hasJwt, open = false } = rule;
  if (takesTokens && !hasJwt) throw new MediaError('CONFIG_INVALID', 'A rule says jwt: true, but there is nothing to verify tokens with: set auth.jwt.');
  return {
    isAllowedAddress: addresses && addressRanges('addresses', addresses),
    needsCredentials: !open && (keys !== undefined || takesTokens),
    isKey: staticKeys(keys ?? []),
    takesTokens,
  };
}
