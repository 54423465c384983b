import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStreamName } from './stream-name.ts';
import { echoUrl, shareUrl, sharedStream, whepUrl, whipUrl } from './urls.ts';

const page = 'https://example.com/sluice/';
const demo = { app: 'live', stream: 'demo', query: '' };

test('reads a name as a person writes it', () => {
  expect(parseStreamName(' live/demo ')).toEqual(demo);
  expect(parseStreamName('/live/demo')).toEqual(demo);
  expect(parseStreamName('live/demo?key=a?b&c=d')).toEqual({ ...demo, query: 'key=a?b&c=d' });
});

test.each(['', 'live', 'live/', '/demo', '//demo', 'live/demo/more', '?key=a', '../demo', 'live/.'])('"%s" is no name', (text) => {
  expect(parseStreamName(text)).toBeUndefined();
});

test('addresses are relative to the page, wherever it is mounted', () => {
  expect(whipUrl(page, demo)).toBe('https://example.com/sluice/whip/live/demo');
  expect(whepUrl(page, { ...demo, query: 'key=1' })).toBe('https://example.com/sluice/whep/live/demo?key=1');
  expect(echoUrl(page)).toBe('https://example.com/sluice/index/api/webrtc?type=echo&app=live&stream=echo');
});

test('a name cannot leave its place in the address', () => {
  expect(whepUrl(page, { app: 'a b', stream: 'a/b?c#d', query: '' })).toBe('https://example.com/sluice/whep/a%20b/a%2Fb%3Fc%23d');
});

test('a share link gives back its stream', () => {
  expect(shareUrl(page, demo)).toBe('https://example.com/sluice/#play=live/demo');
  const part = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text === text.trim() && !/[/?]|^\.\.?$/.test(text) && text.isWellFormed());
  fc.assert(
    fc.property(part, part, (app, stream) => {
      expect(sharedStream(new URL(shareUrl(page, { app, stream, query: 'key=1&b=%2F' })).hash)).toEqual({ app, stream, query: 'key=1&b=%2F' });
    }),
  );
});

test.each(['', '#', '#play=', '#play=live', '#play=%', '#other=live/demo'])('"%s" shares nothing', (hash) => {
  expect(sharedStream(hash)).toBeUndefined();
});
