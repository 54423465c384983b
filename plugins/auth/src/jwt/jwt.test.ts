import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MediaError } from '@sluice/core';
import fc from 'fast-check';
import { type JWTPayload, exportPKCS8, generateKeyPair } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import type { JwtOptions } from '../index.ts';
import { inShort, setUp } from '../testing/harness.ts';
import { NOW, SECRET, keyPair, sign } from '../testing/tokens.ts';
import { permissionsOf } from './permissions.ts';

const HS256 = { keys: [{ secret: SECRET }] };
const KEY = { vhost: '__defaultVhost__', app: 'live', stream: 'cam' };

/** What comes of one token. */
async function outcomeOf(token: string, jwt: JwtOptions = HS256, action: 'publish' | 'play' = 'publish') {
  await using auth = await setUp({ jwt });
  return await auth.bring(token, action);
}

const claims: JWTPayload = { publish: 'live/cam' };

describe('a token', () => {
  test.each(['RS256', 'ES256', 'EdDSA'] as const)('of %s is verified with the public key as PEM, JWK and file', async (alg) => {
    await using folder = await temporaryFolder();
    const pair = await keyPair(alg, 'one');
    await writeFile(path.join(folder.path, 'key.pem'), pair.pem);
    await writeFile(path.join(folder.path, 'key.json'), JSON.stringify(pair.jwk));
    await writeFile(path.join(folder.path, 'set.json'), JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }, pair.jwk] }));
    const token = await pair.sign(claims);
    const other = await (await keyPair(alg, 'one')).sign(claims);
    const keys = [{ pem: pair.pem }, { jwk: pair.jwk }, ...['key.pem', 'key.json', 'set.json'].map((file) => ({ file }))];
    for (const key of keys) {
      await using auth = await setUp({ jwt: { keys: [key] }, folder: folder.path });
      expect(inShort(await auth.bring(token))).toBe('allowed');
      expect(inShort(await auth.bring(other))).toBe('401');
    }
  });

  test('of HS256 is verified with the secret, as text and as JWK', async () => {
    const token = await sign(claims);
    const k = Buffer.from(SECRET).toString('base64url');
    for (const key of [{ secret: SECRET }, { jwk: { kty: 'oct', k } }]) expect(inShort(await outcomeOf(token, { keys: [key] }))).toBe('allowed');
    expect(inShort(await outcomeOf(token, { keys: [{ secret: 'another secret that is long enough' }] }))).toBe('401');
  });

  test.each(['', 'none', 'None', 'nOnE', 'HS256'])('without a signature, of the algorithm "%s", is none', async (alg) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(inShort(await outcomeOf(`${part({ alg })}.${part({ exp: NOW + 60, ...claims })}.`))).toBe('401');
  });

  test('signed with a public key as if it were a secret is none', async () => {
    const { pem } = await keyPair('RS256');
    const token = await sign(claims, { key: new TextEncoder().encode(pem) });
    expect(inShort(await outcomeOf(token, { keys: [{ pem }] }))).toBe('401');
    expect(inShort(await outcomeOf(token, { keys: [{ pem }, { secret: SECRET }] }))).toBe('401');
  });

  test.each(['HS384', 'HS512'])('of %s is refused, although the secret is right', async (alg) => {
    expect(await outcomeOf(await sign(claims, { alg }))).toBe('401 The token is signed with none of HS256, RS256, ES256 and EdDSA.');
  });

  test.each(['PS256', 'RS512'] as const)('of %s is refused, although the key is right', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const { exportJWK } = await import('jose');
    const token = await sign(claims, { alg, key: privateKey });
    expect(inShort(await outcomeOf(token, { keys: [{ jwk: { ...(await exportJWK(publicKey)) } }] }))).toBe('401');
  });

  test('with a critical header that we do not know is refused', async () => {
    const token = await sign(claims).then((good) => {
      const [, payload, signature] = good.split('.');
      return [Buffer.from(JSON.stringify({ alg: 'HS256', crit: ['x'], x: 1 })).toString('base64url'), payload, signature].join('.');
    });
    expect(inShort(await outcomeOf(token))).toBe('401');
  });

  test('that names a key is verified with that key or one without name, and no other', async () => {
    const token = await sign(claims, { kid: 'new' });
    expect(inShort(await outcomeOf(token, { keys: [{ secret: SECRET, kid: 'new' }] }))).toBe('allowed');
    expect(inShort(await outcomeOf(token, { keys: [{ secret: SECRET }] }))).toBe('allowed');
    expect(inShort(await outcomeOf(token, { keys: [{ secret: SECRET, kid: 'old' }] }))).toBe('401');
    expect(inShort(await outcomeOf(await sign(claims), { keys: [{ secret: 'x'.repeat(32) }, { secret: SECRET, kid: 'old' }] }))).toBe('allowed');
  });

  test('that is too long is not read', async () => {
    const token = await sign({ ...claims, filler: 'x'.repeat(8_192) });
    expect(await outcomeOf(token)).toBe('401 The token has more than 8192 bytes.');
    expect(inShort(await outcomeOf(token, { ...HS256, maxTokenBytes: 20_000 }))).toBe('allowed');
  });

  test('however it is broken, is refused and harms nobody', async () => {
    const good = await sign(claims);
    await using auth = await setUp({ jwt: HS256 });
    const parts = fc.array(fc.oneof(fc.base64String(), fc.constantFrom(...good.split('.')), fc.json().map((json) => Buffer.from(json).toString('base64url'))), { minLength: 1, maxLength: 5 });
    const broken = fc.oneof(fc.string({ minLength: 1 }), parts.map((all) => all.join('.'))).filter((text) => text !== good && text !== '');
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        expect(inShort(await auth.bring(text))).toBe('401');
      }),
    );
    const flips = fc.tuple(fc.nat(good.length - 1), fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.'));
    await fc.assert(
      fc.asyncProperty(flips, async ([at, letter]) => {
        // The last letter of a signature has bits that mean nothing.
        fc.pre(good[at] !== letter && at < good.length - 1);
        expect(inShort(await auth.bring(good.slice(0, at) + letter + good.slice(at + 1)))).toBe('401');
      }),
    );
  });
});

describe('claims', () => {
  test.each([
    [{ exp: NOW - 4 }, {}, 'allowed'],
    [{ exp: NOW - 6 }, {}, '401 The token has expired.'],
    [{ exp: NOW - 6 }, { leewayMs: 10_000 }, 'allowed'],
    [{ nbf: NOW + 4 }, {}, 'allowed'],
    [{ nbf: NOW + 6 }, {}, '401 The token is not valid yet.'],
    [{ exp: undefined }, {}, '401 The token has no claim exp, which is needed here.'],
    [{ exp: undefined }, { requireExpiry: false }, 'allowed'],
    [{ exp: 'soon' }, {}, '401 The claim exp of the token is not what is needed here.'],
    [{ iss: 'https://id.example' }, { issuer: 'https://id.example' }, 'allowed'],
    [{ iss: 'https://id.example' }, { issuer: ['https://other.example', 'https://id.example'] }, 'allowed'],
    [{ iss: 'https://evil.example' }, { issuer: 'https://id.example' }, '401 The claim iss of the token is not what is needed here.'],
    [{}, { issuer: 'https://id.example' }, '401 The token has no claim iss, which is needed here.'],
    [{ aud: ['sluice', 'other'] }, { audience: 'sluice' }, 'allowed'],
    [{ aud: 'other' }, { audience: 'sluice' }, '401 The claim aud of the token is not what is needed here.'],
    [{ publish: 7 }, {}, '401 The claim publish of the token must be a pattern such as live/*, or a list of them.'],
    [{ control: ['live'] }, {}, '401 The claim control of the token must be a pattern such as live/*, or a list of them.'],
    [{ max_viewers: '5' }, {}, '401 The claim max_viewers of the token must be a whole number.'],
    [{ publish: undefined }, {}, '403 The token does not allow to publish this stream.'],
    [{ publish: [] }, {}, '403 The token does not allow to publish this stream.'],
    [{ publish: ['other/*', 'live/c*'] }, {}, 'allowed'],
    [{ publish: 'live/other' }, {}, '403 The token does not allow to publish this stream.'],
    [{ publish: undefined, rights: { publish: '*' } }, { claim: 'rights' }, 'allowed'],
    [{ publish: 'live/cam' }, { claim: 'rights' }, '401 The claim rights of the token must be an object.'],
  ] as readonly [JWTPayload, Partial<JwtOptions>, string][])('%j with %j: %s', async (changed, options, expected) => {
    const outcome = await outcomeOf(await sign({ ...claims, ...changed }), { ...HS256, ...options });
    expect(typeof outcome === 'string' ? outcome : 'allowed').toBe(expected);
  });

  test('of two parts open the default virtual host only', async () => {
    await using auth = await setUp({ jwt: HS256 });
    const [plain, full] = await Promise.all([sign({ publish: 'live/*' }), sign({ publish: 'tenant.example/live/*' })]);
    expect(inShort(await auth.bring(plain, 'publish', { vhost: 'tenant.example' }))).toBe('403');
    expect(inShort(await auth.bring(full, 'publish', { vhost: 'tenant.example' }))).toBe('allowed');
    expect(inShort(await auth.bring(full))).toBe('403');
  });

  test.each([
    [{ play: '*' }, { control: false, maxReaders: undefined }],
    [{ play: '*', control: 'other/*' }, { control: false }],
    [{ play: '*', control: 'live/*', max_viewers: 3 }, { control: true, maxReaders: 3 }],
  ])('%j grant %j', async (given, grant) => {
    expect(await outcomeOf(await sign(given), HS256, 'play')).toMatchObject({ grant });
  });

  test('of any form are permissions or an error for the client', () => {
    const value = fc.oneof(fc.string(), fc.array(fc.string()), fc.anything());
    fc.assert(
      fc.property(fc.record({ publish: value, play: value, control: value, max_viewers: value }), (payload) => {
        expect([true, false, 'ARGUMENT_INVALID']).toContain(allowsPublish(payload));
      }),
    );
  });

  test('with more patterns than anybody needs are refused', () => {
    expect(() => permissionsOf({ publish: Array.from({ length: 101 }, () => '*') }, undefined)).toThrow('at most 100 patterns');
  });
});

describe('a session', () => {
  test('outlives its token, unless that is configured to end it', async () => {
    await using auth = await setUp({ jwt: HS256 });
    expect(await auth.bring(await sign({ exp: NOW + 60, ...claims }))).toMatchObject({ grant: { endsAt: undefined, renewsAt: undefined } });
    await auth.clock.advance(120_000);
    expect(auth.manager.sessions.size).toBe(1);
  });

  test('ends with its token, leeway included', async () => {
    await using auth = await setUp({ jwt: { ...HS256, endSessions: true } });
    expect(await auth.bring(await sign({ exp: NOW + 60, ...claims }))).toMatchObject({ grant: { endsAt: (NOW + 65) * 1_000 } });
    await auth.clock.advance(64_999);
    expect(auth.manager.sessions.size).toBe(1);
    await auth.clock.advance(1);
    expect(auth.manager.sessions.listEnded()).toMatchObject([{ reason: 'lifetime over' }]);
  });

  test('that is checked again ends with its token when that is configured, else not', async () => {
    for (const [endSessions, left] of [[true, 0], [false, 1]] as const) {
      await using auth = await setUp({ jwt: { ...HS256, endSessions }, recheckMs: 20_000 });
      const record = await auth.bring(await sign({ exp: NOW + 60, ...claims }));
      if (typeof record === 'string') throw new Error(record);
      for (const checkMs of [20_000, 20_000, 20_000]) {
        await auth.clock.advance(checkMs);
        const { grant } = record;
        await vi.waitFor(() => expect(grant.endsAt ?? grant.renewsAt).toBeGreaterThan(auth.clock.now()));
      }
      await auth.clock.advance(4_999);
      expect(auth.manager.sessions.size).toBe(1);
      await auth.clock.advance(1);
      expect(auth.manager.sessions.size).toBe(left);
      if (left === 0) continue;
      // The check after the end of the token.
      await auth.clock.advance(20_000);
      await vi.waitFor(() => expect(record.grant.renewsAt).toBeGreaterThan(auth.clock.now()));
      expect(auth.manager.sessions.size).toBe(1);
    }
  });

  test('that is checked again ends when its key is gone', async () => {
    await using auth = await setUp({ jwt: HS256, recheckMs: 20_000 });
    await auth.bring(await sign(claims));
    await auth.manager.reconfigurePlugin('@sluice/plugin-auth', { jwt: { keys: [{ secret: 'another secret that is long enough' }] }, recheckMs: 20_000 });
    await auth.clock.advance(20_000);
    await vi.waitFor(() => expect(auth.manager.sessions.size).toBe(0));
    expect(auth.manager.sessions.listEnded()).toMatchObject([{ reason: 'The token is signed with no key that is known here.' }]);
  });
});

describe('a key of the configuration is refused when it', () => {
  const privateKey = async () => exportPKCS8((await generateKeyPair('ES256', { extractable: true })).privateKey);
  test.each([
    ['is private', async () => ({ pem: await privateKey() })],
    ['is a private JWK', async () => ({ jwk: { ...(await keyPair('EdDSA')).jwk, d: 'AAAA' } })],
    ['is no key', async () => ({ pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' })],
    ['is of another curve', async () => ({ jwk: { kty: 'EC', crv: 'P-384', x: 'AAAA', y: 'AAAA' } })],
    ['is a secret as JWK that is too short', async () => ({ jwk: { kty: 'oct', k: 'AAAA' } })],
    ['is for another algorithm', async () => ({ jwk: { ...(await keyPair('RS256')).jwk, alg: 'PS256' } })],
    ['is for encryption', async () => ({ jwk: { ...(await keyPair('RS256')).jwk, use: 'enc' } })],
    ['is a file that is not there', async () => ({ file: 'nowhere.pem' })],
  ] as const)('%s', async (_what, make) => {
    const failure: unknown = await setUp({ jwt: { keys: [await make()] } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID', plugin: '@sluice/plugin-auth', message: expect.stringContaining('jwt.keys[0]') });
  });

  test('is of RSA with less than 2048 bits', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    await expect(setUp({ jwt: { keys: [{ pem }] } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

function allowsPublish(payload: object): unknown {
  try {
    return permissionsOf({ ...payload }, undefined).allows('publish', KEY);
  } catch (error) {
    return MediaError.is(error) ? error.code : error;
  }
}

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-auth-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
