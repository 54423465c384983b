import { describe, expect, it } from 'vitest';
import { accessRequestOf } from './access-request.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import { sampleRequest } from './testing/index.ts';

const requestOf = (changes: Parameters<typeof sampleRequest>[0]) => accessRequestOf('push', sampleRequest(changes), 'id');

it('what a front door leaves out gets its default', () => {
  expect(requestOf({ remote: undefined })).toEqual({
    type: 'push',
    sessionId: 'id',
    vhost: DEFAULT_VHOST,
    app: 'live',
    stream: 'test',
    query: '',
    protocol: '',
    params: {},
    headers: {},
    remote: { address: '', port: 0 },
    credentials: {},
    url: `rtc://${DEFAULT_VHOST}/live/test`,
  });
});

it('the query is parsed; of a repeated name the first value counts, and no name reaches a prototype', () => {
  const { params } = requestOf({ query: 'key=a&key=b&x=%20y&__proto__=z' });
  expect(Object.entries(params)).toEqual(expect.arrayContaining([['key', 'a'], ['x', ' y'], ['__proto__', 'z']]));
  expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
});

it('the url names host, stream and query, escaped', () => {
  expect(requestOf({ host: 'example.org', stream: 'a b?', query: 'key=1' }).url).toBe('rtc://example.org/live/a%20b%3F?key=1');
});

describe('names', () => {
  it.each(['a/b', 'a\0b', 'line\nfeed', 'tab\t', '\u009f', '\u2028', '\ud800', '.', '..', 'x'.repeat(256)])('%j is refused', (name) => {
    for (const argument of ['app', 'stream', 'vhost'] as const) {
      expect(() => requestOf({ [argument]: name })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    }
  });

  it.each(['camera 1', 'käse', '摄像头', '😀', 'a.b', 'x'.repeat(255)])('%j is fine', (name) => {
    expect(requestOf({ stream: name }).stream).toBe(name);
  });
});
