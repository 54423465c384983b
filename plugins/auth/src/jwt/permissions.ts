import { type AccessAction, DEFAULT_VHOST, MediaError, type StreamKey, type StreamPattern, streamPattern } from '@sluice/core';

/** More patterns in one claim are refused. */
const MAX_PATTERNS = 100;

/** What a token allows. */
export interface Permissions {
  allows(action: AccessAction | 'control', key: StreamKey): boolean;
  /** Of any stream that it is used for. */
  readonly maxViewers: number | undefined;
}

/**
 * Reads the claims `publish`, `play`, `control` (a pattern or a list of them) and `max_viewers`. A pattern of two
 * parts is of the default virtual host only, where rules of paths mean every one: a token must not open more than it says.
 * @param claim name of the object claim that holds them, if they are no claims themselves
 * @throws MediaError ARGUMENT_INVALID saying which claim is wrong
 */
export function permissionsOf(payload: Readonly<Record<string, unknown>>, claim: string | undefined): Permissions {
  const holder = claim === undefined ? payload : payload[claim];
  if (typeof holder !== 'object' || holder === null) throw wrongClaim(claim ?? '', 'an object');
  const claims = new Map(Object.entries(holder));
  const patterns = {
    publish: patternsOf('publish', claims.get('publish')),
    play: patternsOf('play', claims.get('play')),
    control: patternsOf('control', claims.get('control')),
  };
  return {
    allows: (action, key) => patterns[action].some((matches) => matches(key)),
    maxViewers: maxViewersOf(claims.get('max_viewers')),
  };
}

function patternsOf(claim: string, value: unknown): readonly StreamPattern[] {
  const texts: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  if (texts.length > MAX_PATTERNS) throw wrongClaim(claim, `at most ${MAX_PATTERNS} patterns`);
  return texts.map((text) => {
    if (typeof text !== 'string') throw wrongClaim(claim, 'a pattern such as live/*, or a list of them');
    try {
      return streamPattern(text.split('/').length === 2 ? `${DEFAULT_VHOST}/${text}` : text);
    } catch {
      throw wrongClaim(claim, 'a pattern such as live/*, or a list of them');
    }
  });
}

function maxViewersOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw wrongClaim('max_viewers', 'a whole number');
}

function wrongClaim(claim: string, expected: string): MediaError {
  return new MediaError('ARGUMENT_INVALID', `The claim ${claim} of the token must be ${expected}.`);
}
