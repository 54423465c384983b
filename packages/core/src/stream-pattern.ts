import { MediaError } from './errors.ts';
import type { StreamKey } from './stream-key.ts';

/** Longest pattern, in characters. */
const MAX_PATTERN_LENGTH = 1_024;

/** Whether a stream is one of those that a pattern means. */
export type StreamPattern = (key: StreamKey) => boolean;

/**
 * A pattern of streams: `app/stream` (on any virtual host) or `vhost/app/stream`, where `*` stands for any characters
 * of one part, none included; `*` alone is every stream. Matching takes time in proportion to the name.
 * @throws MediaError ARGUMENT_INVALID
 */
export function streamPattern(text: string): StreamPattern {
  if (text === '*') return () => true;
  const parts = text.split('/');
  const isPattern = text.length <= MAX_PATTERN_LENGTH && (parts.length === 2 || parts.length === 3) && !parts.includes('');
  if (!isPattern) {
    const shown = JSON.stringify(text.slice(0, 64));
    throw new MediaError('ARGUMENT_INVALID', `A pattern of streams is app/stream, vhost/app/stream or *, of at most ${MAX_PATTERN_LENGTH} characters, not ${shown}.`);
  }
  const [stream, app, vhost] = parts.toReversed().map(wildcard);
  return (key) => stream?.(key.stream) === true && app?.(key.app) === true && vhost?.(key.vhost) !== false;
}

/** Each piece between two stars is found at its first place, so that nothing is ever tried again. */
function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= text.length - last.length;
  };
}
