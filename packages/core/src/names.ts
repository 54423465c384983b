import { MediaError } from './errors.ts';

/** Longest app, stream or vhost name, in characters. */
const MAX_NAME_LENGTH = 255;

/** Control characters, halves of surrogate pairs, line separators; and `/`, which parts the names of a key. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029/]/u;

/**
 * Checks a part of a stream's key. `.` and `..` are refused too, because names end up in URLs and file paths.
 * @throws MediaError ARGUMENT_INVALID
 */
export function checkName(argument: 'app' | 'stream' | 'vhost', value: string): void {
  if (value.length > MAX_NAME_LENGTH) {
    throw new MediaError('ARGUMENT_INVALID', `${argument} is longer than ${MAX_NAME_LENGTH} characters.`);
  }
  if (FORBIDDEN.test(value)) {
    throw new MediaError('ARGUMENT_INVALID', `${argument} must not contain '/' or control characters.`);
  }
  if (value === '.' || value === '..') {
    throw new MediaError('ARGUMENT_INVALID', `${argument} must not be '${value}'.`);
  }
}

/** @throws MediaError ARGUMENT_MISSING */
export function requireName(argument: 'app' | 'stream', value: string): void {
  if (value === '') throw new MediaError('ARGUMENT_MISSING', `The argument ${argument} is missing.`);
}
