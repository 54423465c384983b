import { describe, expect, it } from 'vitest';
import { type PathPatterns, checkPathPattern, pathResolver } from './path-settings.ts';
import { DEFAULT_VHOST } from './stream-key.ts';

function maxReadersOf(patterns: readonly string[], text: string): number | undefined {
  const [stream = '', app = '', vhost = DEFAULT_VHOST] = text.split('/').toReversed();
  // Each pattern sets its own number, so that the answer says which one counted.
  const settings: PathPatterns = Object.fromEntries(patterns.map((pattern, index) => [pattern, { maxReaders: index + 1 }]));
  return pathResolver(settings)({ vhost, app, stream }).maxReaders;
}

describe('a pattern', () => {
  it.each([
    ['live/*', 'live/a', true],
    ['live/*', 'vod/a', false],
    ['~^live/cam\\d+$', 'live/cam12', true],
    ['~^live/cam\\d+$', 'live/camx', false],
    ['~secret', 'live/my-secret-show', true],
  ])('%s on %s: %s', (pattern, stream, matches) => {
    expect(maxReadersOf([pattern], stream)).toBe(matches ? 1 : undefined);
  });

  it.each(['', 'live', '/b', '~(', '~['])('%j is refused', (pattern) => {
    expect(() => checkPathPattern(pattern)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(`"${pattern}"`) }));
  });
});

describe('of several patterns that match', () => {
  it.each([
    ['the exact name', ['live/*', 'live/cam', '~cam', '*'], 2],
    ['then the expression', ['live/ca*', '~cam', '*'], 2],
    ['then the longer wildcard', ['*', 'live/*', 'live/c*', '*/cam'], 3],
    ['of two alike the first', ['~c', '~a'], 1],
    ['the one with its virtual host', ['live/cam', `${DEFAULT_VHOST}/live/cam`], 2],
  ])('%s counts', (_what, patterns, index) => {
    expect(maxReadersOf(patterns, 'live/cam')).toBe(index);
  });

  it('each setting is that of the most specific one that has it', () => {
    const resolve = pathResolver({
      'live/vip': { maxReaders: 500, takeover: undefined },
      '*': { maxReaders: 10, takeover: 'never', maxStreamWaitMs: 1 },
      'live/*': { maxStreamWaitMs: 2 },
    });
    expect(resolve({ vhost: DEFAULT_VHOST, app: 'live', stream: 'vip' })).toEqual({ maxReaders: 500, takeover: 'never', maxStreamWaitMs: 2 });
    expect(resolve({ vhost: DEFAULT_VHOST, app: 'vod', stream: 'vip' })).toEqual({ maxReaders: 10, takeover: 'never', maxStreamWaitMs: 1 });
  });
});

it('a setting out of range names pattern and setting', () => {
  expect(() => pathResolver({ 'live/*': { noneReaderDelayMs: 0 } })).toThrow('paths.live/*.noneReaderDelayMs must be a number of at least 1, not 0.');
  expect(() => pathResolver({ 'live/*': { maxReaders: -1 } })).toThrow('paths.live/*.maxReaders must be');
});
