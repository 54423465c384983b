import fc from 'fast-check';
import { expect, test } from 'vitest';
import { credentialsOf } from './credentials.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  { authorization: 'Bearer abc.def', query: undefined, credentials: { token: 'abc.def' } },
  { authorization: 'bearer  abc', query: 'other', credentials: { token: 'abc' } },
  { authorization: 'Bearer a token of words  ', query: undefined, credentials: { token: 'a token of words' } },
  { authorization: basic('user:pass:word'), query: undefined, credentials: { username: 'user', token: 'pass:word' } },
  { authorization: basic(':key'), query: undefined, credentials: { username: '', token: 'key' } },
  { authorization: basic('no colon'), query: 'other', credentials: { username: undefined, token: undefined } },
  { authorization: undefined, query: 'abc', credentials: { token: 'abc' } },
  { authorization: 'Digest abc', query: 'abc', credentials: { token: 'abc' } },
  { authorization: 'Bearer', query: 'abc', credentials: { token: 'abc' } },
  { authorization: undefined, query: undefined, credentials: { token: undefined } },
])('Authorization: $authorization, ?token=$query', ({ authorization, query, credentials }) => {
  expect(credentialsOf(authorization, query)).toEqual(credentials);
});

test('any header is credentials or none', () => {
  fc.assert(fc.property(fc.string(), (header) => typeof credentialsOf(`Basic ${header}`, undefined) === 'object'));
});
