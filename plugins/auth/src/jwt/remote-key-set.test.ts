import { metrics } from '@sluice/core';
import type { JWTPayload } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import type { JwksOptions } from '../index.ts';
import { inShort, setUp } from '../testing/harness.ts';
import { type Answering, type JwksServer, body, jwks, reset, silence, startJwksServer, status } from '../testing/jwks-server.ts';
import { NOW, keyPair, sign } from '../testing/tokens.ts';

const claims: JWTPayload = { publish: '*', exp: NOW + 1_000_000 };
const UNAVAILABLE = '502 The keys of tokens cannot be fetched at the moment; try again later.';

/** The plugin with the keys of a real server. */
const setUpFor = ({ url }: JwksServer, options: Partial<JwksOptions> = {}) => setUp({ jwt: { jwks: { url, ...options } } });

const [one, two] = await Promise.all([keyPair('ES256', 'one'), keyPair('RS256', 'two')]);
const tokenOne = await one.sign(claims);
const tokenTwo = await two.sign(claims);

test('keys are fetched when the first token needs them, once for many, and kept', async () => {
  await using server = await startJwksServer(jwks(one.jwk, two.jwk));
  await using auth = await setUpFor(server);
  expect(server.asked).toBe(0);
  const outcomes = await Promise.all([tokenOne, tokenTwo, tokenOne].map((token) => auth.bring(token)));
  expect(outcomes.map(inShort)).toEqual(['allowed', 'allowed', 'allowed']);
  await auth.clock.advance(600_000);
  expect(inShort(await auth.bring(tokenTwo))).toBe('allowed');
  expect(server.asked).toBe(1);
  await auth.clock.advance(1);
  expect(inShort(await auth.bring(tokenTwo))).toBe('allowed');
  expect(server.asked).toBe(2);
});

test('a new key is fetched when a token names it, and what was taken out is gone', async () => {
  await using server = await startJwksServer(jwks(one.jwk));
  await using auth = await setUpFor(server);
  expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
  server.answer(jwks(two.jwk));
  await auth.clock.advance(30_000);
  expect(inShort(await auth.bring(tokenTwo))).toBe('allowed');
  expect(server.asked).toBe(2);
  expect(inShort(await auth.bring(tokenOne))).toBe('401');
});

test('tokens with invented keys cause no flood', async () => {
  await using server = await startJwksServer(jwks(one.jwk));
  await using auth = await setUpFor(server);
  await auth.bring(tokenOne);
  for (const kid of ['a', 'b', 'c']) expect(inShort(await auth.bring(await sign(claims, { alg: 'ES256', kid, key: one.privateKey })))).toBe('401');
  expect(server.asked).toBe(1);
  await auth.clock.advance(30_000);
  const invented = await Promise.all(['a', 'b', 'c'].map((kid) => sign(claims, { alg: 'ES256', kid, key: one.privateKey })));
  await Promise.all(invented.map((token) => auth.bring(token)));
  expect(server.asked).toBe(2);
});

test('a token without a key id is verified with every key of its algorithm', async () => {
  const other = await keyPair('ES256', 'other');
  await using server = await startJwksServer(jwks(other.jwk, one.jwk));
  await using auth = await setUpFor(server);
  expect(inShort(await auth.bring(await sign(claims, { alg: 'ES256', key: one.privateKey })))).toBe('allowed');
});

test('a secret in a public set is not used', async () => {
  const secret = 'a secret that everybody may read now';
  await using server = await startJwksServer(jwks(one.jwk, { kty: 'oct', k: Buffer.from(secret).toString('base64url') }));
  await using auth = await setUpFor(server);
  expect(inShort(await auth.bring(await sign(claims, { key: new TextEncoder().encode(secret) })))).toBe('401');
});

test('keys for something else are passed over', async () => {
  const { jwk } = one;
  await using server = await startJwksServer(body(JSON.stringify({ keys: [null, 7, { kty: 'EC' }, { ...jwk, use: 'enc' }, { ...two.jwk, alg: 'RSA-OAEP' }, { ...jwk, alg: 'ES256' }] })));
  await using auth = await setUpFor(server);
  expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
  expect(inShort(await auth.bring(tokenTwo))).toBe('401');
});

describe('while the URL fails', () => {
  const endless: Answering = (response) => {
    response.on('error', () => undefined);
    const pump = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000))) continue;
      if (!response.destroyed) response.once('drain', pump);
    };
    pump();
  };

  test.each([
    ['an error', status(500)],
    ['no JSON', body('<html>')],
    ['no set', body('[]')],
    ['no keys', body('{"keys":[]}')],
    ['keys that are none', body('{"keys":[1,null,{"kty":"EC"}]}')],
    ['a broken connection', reset],
    ['an answer without end', endless],
  ])('with %s, no token is taken, and the log says why without the secret in the URL', async (_what, answering) => {
    await using server = await startJwksServer(answering);
    await using auth = await setUpFor(server);
    expect(await auth.bring(tokenOne)).toBe(UNAVAILABLE);
    const warnings = auth.logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([{ fields: { plugin: '@sluice/plugin-auth' }, message: 'The keys of tokens could not be fetched' }]);
    expect(JSON.stringify(warnings)).not.toContain('hidden');
    server.answer(jwks(one.jwk));
    expect(await auth.bring(tokenOne)).toBe(UNAVAILABLE);
    await auth.clock.advance(30_000);
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
    expect(server.asked).toBe(2);
  });

  test('with a redirect, what stands there is not taken', async () => {
    await using elsewhere = await startJwksServer(jwks(one.jwk));
    await using server = await startJwksServer(status(302, { location: elsewhere.url }));
    await using auth = await setUpFor(server);
    expect(await auth.bring(tokenOne)).toBe(UNAVAILABLE);
    expect(elsewhere.asked).toBe(0);
  });

  test('by silence, tokens wait no longer than its deadline', async () => {
    await using server = await startJwksServer(silence);
    await using auth = await setUpFor(server);
    const outcome = auth.bring(tokenOne);
    await vi.waitFor(() => expect(server.asked).toBe(1));
    await auth.clock.advance(3_000);
    expect(await outcome).toBe(UNAVAILABLE);
  });

  test('keys from before count, but not for ever', async () => {
    await using server = await startJwksServer(jwks(one.jwk));
    await using auth = await setUpFor(server, { cacheMs: 60_000, staleMs: 120_000 });
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
    server.answer(status(503));
    await auth.clock.advance(60_001);
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
    expect(server.asked).toBe(2);
    await auth.clock.advance(119_999);
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
    await auth.clock.advance(1);
    expect(await auth.bring(tokenOne)).toBe(UNAVAILABLE);
    server.answer(jwks(one.jwk));
    await auth.clock.advance(30_000);
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
  });

  test('keys of the configuration and stream keys go on', async () => {
    await using server = await startJwksServer(reset);
    await using auth = await setUp({ publish: { keys: ['a-stream-key'] }, jwt: { keys: [{ pem: one.pem }], jwks: { url: server.url } } });
    expect(inShort(await auth.bring(tokenOne))).toBe('allowed');
    expect(inShort(await auth.bring('a-stream-key'))).toBe('allowed');
    expect(server.asked).toBe(0);
    expect(await auth.bring(tokenTwo)).toBe(UNAVAILABLE);
  });
});

test('closing the manager ends a fetch', async () => {
  await using server = await startJwksServer(silence);
  await using auth = await setUpFor(server);
  const outcome = auth.bring(tokenOne);
  await vi.waitFor(() => expect(server.asked).toBe(1));
  await auth.manager.close();
  expect(inShort(await outcome)).toBe('503');
  await vi.waitFor(() => expect(auth.clock.pending).toBe(0));
});

test('fetches are counted by what came of them, over a change of options', async () => {
  await using server = await startJwksServer(jwks(one.jwk));
  await using auth = await setUpFor(server);
  const counted = async () => {
    const families = await Promise.all(auth.manager.contributions(metrics).map(async ({ value }) => value.collect()));
    return families.flat().find(({ name }) => name === 'sluice_auth_jwks_fetches_total')?.samples;
  };
  await auth.bring(tokenOne);
  server.answer(status(500));
  await auth.clock.advance(600_001);
  await auth.bring(tokenOne);
  await auth.manager.reconfigurePlugin('@sluice/plugin-auth', { jwt: { jwks: { url: server.url } } });
  await auth.bring(tokenOne);
  expect(await counted()).toEqual([{ labels: { outcome: 'fetched' }, value: 1 }, { labels: { outcome: 'failed' }, value: 2 }]);
});
