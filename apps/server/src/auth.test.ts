import { readFile } from 'node:fs/promises';
import { parseConfig } from '@sluice/config';
import { type FakeEngine, MemoryLogger, fakeEngine, sampleOffer } from '@sluice/core/testing';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { mayAnybodyPublish } from './exposure.ts';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

const KEY = 'a-stream-key';
const SECRET = 'a secret that is long enough for HS256';
const ADMIN = 'an-administrators-token';
const basic = (password: string) => `Basic ${btoa(`obs:${password}`)}`;

interface Fixture extends AsyncDisposable {
  readonly server: RunningServer;
  readonly engine: FakeEngine;
  readonly logger: MemoryLogger;
  /** Posts an offer. */
  readonly offer: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** `code`, or the HTTP status, of the ZLMediaKit API. */
  readonly zlm: (query: string, headers?: Readonly<Record<string, string>>) => Promise<unknown>;
}

/** A whole server with real HTTP, where only the media plane is fake. */
async function start(input: object): Promise<Fixture> {
  const engine = fakeEngine();
  const logger = new MemoryLogger();
  const http = { port: 0, adminToken: ADMIN, trustedProxies: ['127.0.0.0/8'] };
  const config = parseConfig({ http, rtc: { port: 0 }, demo: false, streams: { maxStreamWaitMs: 0 }, ...input });
  const server = await startServer(config, { logger, createEngine: () => Promise.resolve(engine) });
  const offer: Fixture['offer'] = (path, headers = {}) =>
    fetch(`${server.url}${path}`, { method: 'POST', body: sampleOffer(), headers: { 'content-type': 'application/sdp', ...headers } });
  const zlm: Fixture['zlm'] = async (query, headers) => (await offer(`/index/api/webrtc?app=live&stream=cam&${query}`, headers)).json();
  return { server, engine, logger, offer, zlm, [Symbol.asyncDispose]: server.close };
}

const token = (claims: object, expiresIn = '1h') =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expiresIn).sign(new TextEncoder().encode(SECRET));

test('stream keys and tokens open WHIP, WHEP and the ZLMediaKit API, however they are brought', async () => {
  await using fixture = await start({ auth: { publish: { keys: [KEY] }, jwt: { keys: [{ secret: SECRET }] } } });
  const { offer, zlm, engine } = fixture;
  const [publisher, viewer] = await Promise.all([token({ publish: 'live/*' }), token({ play: 'live/cam' })]);

  const bare = await offer('/whip/live/cam');
  expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  const wrong = await offer('/whip/live/cam', { authorization: 'Bearer not-the-key' });
  expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  expect(await wrong.json()).toMatchObject({ status: 401, code: 'UNAUTHORISED', detail: 'The token is no JSON Web Token.' });
  expect((await offer('/whip/other/cam', { authorization: `Bearer ${publisher}` })).status).toBe(403);
  expect(engine.transportCount).toBe(0);

  const brought: readonly [path: string, authorization?: string][] = [
    ['/whip/live/one', `Bearer ${KEY}`],
    ['/whip/live/two', basic(KEY)],
    [`/whip/live/three?token=${KEY}`],
    ['/whip/live/four', `Bearer ${publisher}`],
    ['/whip/live/five', basic(publisher)],
    [`/whip/live/six?token=${publisher}`],
    [`/index/api/whip?app=live&stream=seven&token=${KEY}`],
    ['/whip/live/eight?token=not-the-key', `Bearer ${KEY}`],
  ];
  for (const [path, authorization] of brought) {
    expect([path, (await offer(path, authorization === undefined ? {} : { authorization })).status]).toEqual([path, 201]);
  }
  expect((await offer(`/whip/live/nine?token=${KEY}`, { authorization: 'Bearer not-the-key' })).status).toBe(401);

  expect(await zlm('type=push')).toMatchObject({ code: -400, msg: 'To publish this stream takes a token.' });
  expect(await zlm(`type=push&token=${KEY}`)).toMatchObject({ code: 0 });
  engine.lastTransport.setState('connected');

  expect((await offer('/whep/live/cam')).status).toBe(401);
  expect((await offer('/whep/live/cam', { authorization: `Bearer ${KEY}` })).status).toBe(401);
  expect((await offer('/whep/live/cam', { authorization: `Bearer ${publisher}` })).status).toBe(403);
  expect((await offer('/whep/live/cam', { authorization: `Bearer ${viewer}` })).status).toBe(201);
  expect((await offer(`/index/api/whep?app=live&stream=cam&token=${viewer}`)).status).toBe(201);
  expect(await zlm(`type=play&token=${viewer}`)).toMatchObject({ code: 0 });
  expect(await zlm('type=play', { authorization: `Bearer ${viewer}` })).toMatchObject({ code: 0 });
});

test('no token gets into the log, or into what administrators are told of sessions', async () => {
  await using fixture = await start({ auth: { publish: { keys: [KEY] }, jwt: { keys: [{ secret: SECRET }] } } });
  const { offer, server, logger } = fixture;
  const [good, bad] = await Promise.all([token({ publish: '*' }), token({ play: '*' })]);
  await offer(`/whip/live/one?token=${KEY}&camera=1`);
  await offer(`/whip/live/two?token=${good}`);
  await offer(`/whip/live/three?token=${bad}`);
  await offer('/whip/live/four?token=some-wrong-key');
  const authorization = `Bearer ${ADMIN}`;
  const list = await (await fetch(`${server.url}/api/v1/sessions`, { headers: { authorization } })).text();
  expect(list).toContain('"stream":"two"');
  const told = list + JSON.stringify(logger.lines);
  for (const secret of [KEY, good, bad, 'some-wrong-key', SECRET]) expect(told).not.toContain(secret);
});

test('an allow list sees the client behind a trusted proxy, and nobody can pretend to be there', async () => {
  await using fixture = await start({ auth: { publish: { addresses: ['203.0.113.0/24'] } } });
  const { offer } = fixture;
  const from = async (forwarded: string | undefined) => (await offer('/whip/live/cam', forwarded === undefined ? {} : { 'x-forwarded-for': forwarded })).status;
  expect(await from(undefined)).toBe(403);
  expect(await from('198.51.100.1')).toBe(403);
  expect(await from('203.0.113.9, 198.51.100.1')).toBe(403);
  expect(await from('::ffff:198.51.100.1')).toBe(403);
  expect(await from('198.51.100.1, ::ffff:203.0.113.9')).toBe(201);

  await using direct = await start({ http: { port: 0 }, auth: { publish: { addresses: ['203.0.113.0/24'] } } });
  expect((await direct.offer('/whip/live/cam', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
});

test('a token bounds the viewers of a stream', async () => {
  await using fixture = await start({ auth: { publish: { open: true }, jwt: { keys: [{ secret: SECRET }] } } });
  const { offer, engine } = fixture;
  await offer('/whip/live/cam');
  engine.lastTransport.setState('connected');
  const authorization = `Bearer ${await token({ play: 'live/*', max_viewers: 1 })}`;
  expect((await offer('/whep/live/cam', { authorization })).status).toBe(201);
  const surplus = await offer('/whep/live/cam', { authorization });
  expect([surplus.status, surplus.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await surplus.json()).toMatchObject({ code: 'STREAM_FULL' });
});

test('a path has rules of its own', async () => {
  await using fixture = await start({
    auth: { publish: { keys: [KEY] } },
    paths: { 'studio/*': { publish: { keys: ['the-key-of-the-studio'], addresses: ['127.0.0.1'] } }, 'public/*': { publish: { open: true } } },
  });
  const { offer } = fixture;
  const statusOf = async (path: string, key: string) => (await offer(path, { authorization: `Bearer ${key}` })).status;
  expect(await statusOf('/whip/live/cam', KEY)).toBe(201);
  expect(await statusOf('/whip/studio/cam', KEY)).toBe(401);
  expect(await statusOf('/whip/studio/cam', 'the-key-of-the-studio')).toBe(201);
  expect((await offer('/whip/studio/two', { authorization: 'Bearer the-key-of-the-studio', 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
  expect((await offer('/whip/public/cam')).status).toBe(201);
});

test('other rules count from the next request on, and rules that are wrong change nothing', async () => {
  const configOf = (key: string) => ({ http: { port: 0 }, rtc: { port: 0 }, demo: false, streams: { maxStreamWaitMs: 0 }, auth: { publish: { keys: [key] } } });
  await using fixture = await start(configOf(KEY));
  const statusOf = async (stream: string, key: string) => (await fixture.offer(`/whip/live/${stream}`, { authorization: `Bearer ${key}` })).status;
  expect(await statusOf('one', KEY)).toBe(201);
  await fixture.server.reconfigure(parseConfig(configOf('the-next-key')));
  expect([await statusOf('two', KEY), await statusOf('two', 'the-next-key')]).toEqual([401, 201]);
  const wrong = parseConfig({ ...configOf(KEY), auth: { publish: { keys: ['sha256:1234567'] } } });
  await expect(fixture.server.reconfigure(wrong)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect([await statusOf('three', KEY), await statusOf('three', 'the-next-key')]).toEqual([401, 201]);
  expect(fixture.engine.transportCount).toBe(3);
});

test('a publisher with a fresh token is who it was when the token names the same subject', async () => {
  await using fixture = await start({ auth: { jwt: { keys: [{ secret: SECRET }] } }, streams: { maxStreamWaitMs: 0, takeover: 'always' } });
  const publish = async (claims: object, expiresIn: string) => {
    const { status } = await fixture.offer(`/whip/live/cam?token=${await token({ publish: 'live/*', ...claims }, expiresIn)}`);
    if (status === 201) fixture.engine.lastTransport.setState('connected');
    return status;
  };
  expect(await publish({ sub: 'alice' }, '1h')).toBe(201);
  expect(await publish({ sub: 'bob' }, '2h')).toBe(409);
  expect(await publish({}, '2h')).toBe(409);
  expect(await publish({ sub: 'alice', iss: 'another' }, '2h')).toBe(409);
  expect(await publish({ sub: 'alice' }, '2h')).toBe(201);
});

test('the examples of the README are configurations', async () => {
  const readme = await readFile(new URL('../../../plugins/auth/README.md', import.meta.url), 'utf8');
  const examples = Array.from(readme.matchAll(/```yaml\n(.*?)```/gs), ([, yaml = '']) => parseConfig(parse(yaml)));
  expect(examples).toHaveLength(4);
  expect(examples.map((config) => mayAnybodyPublish(config, { plugins: [] }))).toEqual([false, false, false, false]);
});

test.each([
  [{ auth: { publish: { open: true, keys: [KEY] } } }, 'configuration: "auth.publish.open" must be false where keys or jwt are wanted, not true.'],
  [{ auth: { play: { jwt: true } } }, 'configuration: "auth.play.jwt" must be false, or auth.jwt say how tokens are verified, not true.'],
  [{ paths: { 'live/*': { play: { jwt: true } } } }, '"paths.live/*.play.jwt" must be false, or auth.jwt say how tokens are verified, not true.'],
  [{ auth: { jwt: { issuer: 'x' } } }, '"auth.jwt.keys" must be a list of keys, or jwks be set, not absent.'],
  [{ auth: { publish: { keys: ['short'] } } }, '"auth.publish.keys[0]" must be a text of at least 8 characters'],
  [{ auth: { publish: { addresses: ['10.0.0.0/33'] } } }, '"auth.publish.addresses[0]" must be an IP address or a range such as 10.0.0.0/8'],
])('a configuration that cannot be meant is refused in words: %j', (input, words) => {
  expect(() => parseConfig(input)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) }));
});
