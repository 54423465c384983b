import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { fakeEngine, sampleOffer } from '@sluice/core/testing';
import { exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startServer } from '../server.ts';
import { token } from './token.ts';

const SECRET = 'a secret that is long enough for HS256';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-token-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** What the command prints for a configuration. */
async function sign(auth: object, ...args: string[]): Promise<string> {
  await writeFile(path.join(folder, 'sluice.json'), JSON.stringify({ auth }));
  let printed = '';
  const print = (text: string): void => void (printed += text);
  await token.execute(['--config', 'sluice.json', ...args], { cwd: folder, env: {}, isTerminal: false, print, complain: print });
  return printed.trim();
}

/** What a server of the configuration says to a publisher with the token. */
async function statusOf(auth: object, authorization: string, stream = 'cam'): Promise<number> {
  const config = parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: false, auth });
  const server = await startServer(config, { logger: silentLogger, createEngine: () => Promise.resolve(fakeEngine()), folder });
  const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${authorization}` };
  const response = await fetch(`${server.url}/whip/live/${stream}`, { method: 'POST', body: sampleOffer(), headers });
  await server.close();
  return response.status;
}

test('a token signed with the secret of the configuration is taken by its server', async () => {
  const auth = { jwt: { keys: [{ secret: SECRET, kid: 'one' }] } };
  const made = await sign(auth, '--publish', 'live/cam', '--publish', 'live/two', '--max-viewers', '3');
  expect(await statusOf(auth, made)).toBe(201);
  expect(await statusOf(auth, made, 'two')).toBe(201);
  expect(await statusOf(auth, made, 'other')).toBe(403);
});

test('so is one signed with a private key, with the issuer, audience and claim that are wanted', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  await writeFile(path.join(folder, 'public.pem'), await exportSPKI(publicKey));
  await writeFile(path.join(folder, 'private.pem'), await exportPKCS8(privateKey));
  const auth = { jwt: { keys: [{ file: 'public.pem', kid: 'one' }], issuer: ['https://id.example'], audience: 'sluice', claim: 'rights' } };
  expect(await statusOf(auth, await sign(auth, '--publish', '*', '--key', 'private.pem', '--kid', 'one'))).toBe(201);
});

test.each([
  [['--play', 'live'], 'The claim play of the token must be a pattern'],
  [['--play', '*', '--max-viewers', 'many'], 'The claim max_viewers of the token must be a whole number'],
  [['--play', '*', '--expires', 'soon'], '--expires must be a time such as 30s, 5m, 1h or 7d'],
  [['--expires', '1h'], 'Say what the token is for'],
  [['--play', '*', '--key', 'nowhere.pem'], 'nowhere.pem cannot be read'],
  [['--play', '*', '--key', 'sluice.json'], 'no private key as PEM or JWK'],
  [['--play', '*'], 'no secret in auth.jwt.keys to sign with'],
])('%j is refused in words', async (args, words) => {
  await expect(sign({ publish: { open: true } }, ...args)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(words) });
});
