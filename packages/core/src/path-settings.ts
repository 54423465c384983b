import type { AccessRule } from './access-rule.ts';
import { MediaError } from './errors.ts';
import { wordsOf } from './failures.ts';
import { atLeast, completeStreamOptions } from './manager-options.ts';
import type { StreamOptions } from './manager-types.ts';
import type { StreamKey } from './stream-key.ts';
import { type StreamPattern, streamPattern } from './stream-pattern.ts';
import { type StreamSource, parseStreamSource } from './stream-source.ts';

/** What a stream may be set to that others are not; a rule of {@link StreamOptions} that is absent is that of the manager. */
export interface PathSettings extends Partial<StreamOptions> {
  /** Viewers at a time; a further one is refused (STREAM_FULL). Default: any number. */
  readonly maxReaders?: number | undefined;
  /** Bytes of packets since the last keyframe that each of its video sources keeps for viewers who come late; 0 = none. Default: as the engine has it. */
  readonly keyframeCacheBytes?: number | undefined;
  readonly codecs?: CodecChoice | undefined;
  /**
   * Where to take the media from when viewers ask for it and no hook names another source. `{vhost}`, `{app}` and
   * `{stream}` in it stand for the names of the stream.
   */
  readonly source?: StreamSource | undefined;
  /** Who may publish it; needs `@sluice/plugin-auth`. */
  readonly publish?: AccessRule | undefined;
  /** Who may play it; needs `@sluice/plugin-auth`. */
  readonly play?: AccessRule | undefined;
}

/** Codecs that publishers and viewers may agree on, by encoding name, in order of preference. Absent = all, empty = the kind is refused. */
export interface CodecChoice {
  readonly audio?: readonly string[] | undefined;
  readonly video?: readonly string[] | undefined;
}

/** The settings of a stream. Called often, so it must be quick, and must not throw. */
export type PathResolver = (key: StreamKey) => PathSettings;

/** Settings by pattern: see {@link pathResolver}. */
export type PathPatterns = Readonly<Record<string, PathSettings>>;

interface Rule {
  readonly settings: PathSettings;
  readonly matches: StreamPattern;
  /** The higher, the more specific. */
  readonly rank: readonly [kind: number, literals: number];
}

/** What a rule's kind counts: a name written out is more specific than an expression, and that more than a wildcard. */
const KIND_RANK = { wildcard: 0, expression: 1, exact: 2 } as const;

/**
 * Finds a stream's settings by patterns of {@link streamPattern}, or `~` and a regular expression of JavaScript, which is
 * searched in `app/stream`: `~^live/cam\d+$`.
 *
 * All patterns that match count, each setting as the most specific of them has it: a name written out, then regular
 * expressions, then wildcards, of these the one with more characters that are none; of two alike the first.
 * @throws MediaError CONFIG_INVALID for a pattern that is none, or a setting out of range
 */
export function pathResolver(patterns: PathPatterns): PathResolver {
  const rules = Object.entries(patterns).map(([pattern, settings]) => ruleOf(pattern, settings));
  // Least specific first, since what comes later overrides; the first of two alike must come last.
  const ordered = rules.toReversed().toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1]);
  return (key) => {
    const matching = ordered.filter((rule) => rule.matches(key));
    return matching.reduce<PathSettings>((settings, rule) => ({ ...settings, ...rule.settings }), {});
  };
}

/** @throws MediaError CONFIG_INVALID when the text is no pattern of {@link pathResolver} */
export function checkPathPattern(pattern: string): void {
  matcherOf(pattern);
}

function ruleOf(pattern: string, settings: PathSettings): Rule {
  checkSettings(pattern, settings);
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { settings: given, matches: matcherOf(pattern), rank: rankOf(pattern) };
}

function checkSettings(pattern: string, settings: PathSettings): void {
  const where = `paths.${pattern}`;
  completeStreamOptions(settings, where);
  atLeast(0, `${where}.maxReaders`, settings.maxReaders ?? 0);
  atLeast(0, `${where}.keyframeCacheBytes`, settings.keyframeCacheBytes ?? 0);
  if (settings.source) checkSource(`${where}.source`, settings.source);
}

function checkSource(where: string, source: StreamSource): void {
  try {
    parseStreamSource(source);
  } catch (error) {
    throw new MediaError('CONFIG_INVALID', `${where}: ${wordsOf(error)}`, { cause: error });
  }
}

function rankOf(pattern: string): Rule['rank'] {
  if (pattern.startsWith('~')) return [KIND_RANK.expression, 0];
  const literals = pattern.replaceAll('*', '').length;
  return [literals === pattern.length ? KIND_RANK.exact : KIND_RANK.wildcard, literals];
}

function matcherOf(pattern: string): StreamPattern {
  try {
    return pattern.startsWith('~') ? expressionMatcher(pattern) : streamPattern(pattern);
  } catch (error) {
    throw new MediaError('CONFIG_INVALID', `The path "${pattern}" is no pattern: ${wordsOf(error)}`, { cause: error });
  }
}

function expressionMatcher(pattern: string): StreamPattern {
  const expression = new RegExp(pattern.slice(1), 'u');
  return ({ app, stream }) => expression.test(`${app}/${stream}`);
}
