import { createHash } from 'node:crypto';
import { type AccessRule, deny, metrics } from '@sluice/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { inShort, setUp } from './testing/harness.ts';
import { SECRET, sign } from './testing/tokens.ts';

const KEY = 'a-stream-key';
const HERE = ['192.0.2.0/24'];
const ELSEWHERE = ['10.0.0.0/8'];
const jwt = { keys: [{ secret: SECRET }] };

let tokens: Readonly<Record<'none' | 'key' | 'wrong' | 'good' | 'other', string | undefined>>;

beforeAll(async () => {
  tokens = { none: undefined, key: KEY, wrong: 'not-the-stream-key', good: await sign({ publish: 'live/*' }), other: await sign({ publish: 'other/*' }) };
});

describe.each([
  { rule: {}, hasJwt: false, none: 'allowed', key: 'allowed', wrong: 'allowed', good: 'allowed', other: 'allowed' },
  { rule: { open: true }, hasJwt: true, none: 'allowed', key: 'allowed', wrong: 'allowed', good: 'allowed', other: 'allowed' },
  { rule: { keys: [KEY] }, hasJwt: false, none: '401', key: 'allowed', wrong: '401', good: '401', other: '401' },
  { rule: { keys: [] }, hasJwt: false, none: '401', key: '401', wrong: '401', good: '401', other: '401' },
  { rule: {}, hasJwt: true, none: '401', key: '401', wrong: '401', good: 'allowed', other: '403' },
  { rule: { keys: [KEY] }, hasJwt: true, none: '401', key: 'allowed', wrong: '401', good: 'allowed', other: '403' },
  { rule: { keys: [KEY], jwt: false }, hasJwt: true, none: '401', key: 'allowed', wrong: '401', good: '401', other: '401' },
  { rule: { addresses: HERE }, hasJwt: false, none: 'allowed', key: 'allowed', wrong: 'allowed', good: 'allowed', other: 'allowed' },
  { rule: { addresses: HERE, keys: [KEY] }, hasJwt: true, none: '401', key: 'allowed', wrong: '401', good: 'allowed', other: '403' },
  { rule: { addresses: ELSEWHERE }, hasJwt: false, none: '403', key: '403', wrong: '403', good: '403', other: '403' },
  { rule: { addresses: ELSEWHERE, keys: [KEY] }, hasJwt: true, none: '403', key: '403', wrong: '403', good: '403', other: '403' },
  { rule: { addresses: [], open: true }, hasJwt: true, none: '403', key: '403', wrong: '403', good: '403', other: '403' },
] as const)('publish: $rule, jwt: $hasJwt', ({ rule, hasJwt, ...expected }) => {
  const options = { publish: rule, ...(hasJwt ? { jwt } : {}) };

  test('decides as the table says, for the server', async () => {
    await using auth = await setUp(options);
    for (const [brought, outcome] of Object.entries(expected)) {
      const token = tokens[brought as keyof typeof tokens];
      expect([brought, inShort(await auth.ask('publish', { credentials: { token } }))]).toEqual([brought, outcome]);
    }
  });

  test('decides the same for a path', async () => {
    await using auth = await setUp(hasJwt ? { jwt } : {}, { 'live/*': { publish: rule } });
    for (const [brought, outcome] of Object.entries(expected)) {
      const token = tokens[brought as keyof typeof tokens];
      expect([brought, inShort(await auth.ask('publish', { credentials: { token } }))]).toEqual([brought, outcome]);
    }
  });
});

describe('stages', () => {
  test('come as address, key or token, URL, code; the first refusal ends it', async () => {
    await using auth = await setUp({ publish: { addresses: HERE, keys: [KEY] }, jwt });
    const asked: string[] = [];
    auth.manager.hook('publish', () => void asked.push('code'));
    auth.manager.hook('publish', { order: 'url', handler: () => void asked.push('url') });
    auth.manager.hook('publish', { order: 'pre', handler: () => void asked.push('pre') });
    expect(inShort(await auth.bring(KEY))).toBe('allowed');
    expect(asked.splice(0)).toEqual(['pre', 'url', 'code']);
    expect(inShort(await auth.bring('wrong-key'))).toBe('401');
    expect(inShort(await auth.bring(KEY, 'publish', { remote: { address: '10.0.0.1', port: 1 } }))).toBe('403');
    expect(asked.splice(0)).toEqual(['pre', 'pre']);
  });

  test('that refuse tell the log who was refused what, without what was brought', async () => {
    await using auth = await setUp({ publish: { keys: [KEY] } });
    await auth.bring('not-the-stream-key');
    const line = auth.logger.lines.find(({ message }) => message === 'The stream key is wrong.');
    expect(line).toMatchObject({ level: 'info', fields: { client: '192.0.2.1', app: 'live', stream: 'cam', code: 'UNAUTHORISED', plugin: '@sluice/plugin-auth' } });
    expect(JSON.stringify(auth.logger.lines)).not.toContain('not-the-stream-key');
  });

  test('later ones may refuse whom a key has let in', async () => {
    await using auth = await setUp({ publish: { keys: [KEY] } });
    auth.manager.hook('publish', { order: 'url', handler: () => deny('Not on Sundays.') });
    expect(await auth.bring(KEY)).toBe('403 Not on Sundays.');
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.77', 'allowed'],
    ['::ffff:192.0.2.77', 'allowed'],
    ['2001:db8::1', 'allowed'],
    ['192.0.3.1', '403'],
    ['', '403'],
    ['garbage', '403'],
  ])('from "%s" it is %s', async (address, outcome) => {
    await using auth = await setUp({ play: { addresses: [...HERE, '2001:db8::/32'] } });
    expect(inShort(await auth.ask('play', { remote: { address, port: 1 } }))).toBe(outcome);
  });
});

describe('stream keys', () => {
  test('may stand in the configuration as their digest, which is no key itself', async () => {
    const hashed = `sha256:${createHash('sha256').update(KEY).digest('hex')}`;
    await using auth = await setUp({ publish: { keys: [hashed, 'another-key'] } });
    expect(inShort(await auth.bring(KEY))).toBe('allowed');
    expect(inShort(await auth.bring('another-key'))).toBe('allowed');
    expect(inShort(await auth.bring(hashed))).toBe('401');
  });

  test('of publishing are none of playing', async () => {
    await using auth = await setUp({ publish: { keys: [KEY] }, play: { keys: ['a-viewer-key'] } });
    expect(inShort(await auth.bring(KEY, 'play'))).toBe('401');
    expect(inShort(await auth.bring('a-viewer-key', 'play'))).toBe('allowed');
  });
});

describe('rules of paths', () => {
  test.each([
    { general: { keys: [KEY] }, own: { addresses: HERE }, none: '401', key: 'allowed' },
    { general: { keys: [KEY] }, own: { open: true }, none: 'allowed', key: 'allowed' },
    { general: { keys: ['some-other-key'] }, own: { keys: [KEY] }, none: '401', key: 'allowed' },
    { general: { open: true }, own: { keys: [KEY] }, none: '401', key: 'allowed' },
    { general: { open: true }, own: { addresses: HERE }, none: 'allowed', key: 'allowed' },
    { general: { addresses: ELSEWHERE }, own: { keys: [KEY] }, none: '403', key: '403' },
    { general: { addresses: ELSEWHERE }, own: { addresses: HERE, keys: [KEY] }, none: '401', key: 'allowed' },
  ] as readonly { general: AccessRule; own: AccessRule; none: string; key: string }[])('$own in $general', async ({ general, own, none, key }) => {
    await using auth = await setUp({ publish: general }, { 'live/*': { publish: own } });
    expect(inShort(await auth.ask('publish'))).toBe(none);
    expect(inShort(await auth.bring(KEY))).toBe(key);
  });

  test('hold whatever virtual host a request names', async () => {
    await using auth = await setUp({}, { 'live/*': { publish: { keys: [KEY] } } });
    expect(inShort(await auth.ask('publish', { vhost: 'other.example' }))).toBe('401');
    expect(inShort(await auth.ask('publish', { app: 'other' }))).toBe('allowed');
  });

  test('that cannot be used refuse everybody', async () => {
    await using auth = await setUp({}, { 'live/*': { publish: { jwt: true } }, 'cams/*': { publish: { addresses: ['nowhere'] } } });
    expect(inShort(await auth.bring(KEY))).toBe('500');
    expect(inShort(await auth.ask('publish', { app: 'cams' }))).toBe('500');
  });
});

test.each([
  { publish: { open: true, keys: [KEY] } },
  { publish: { keys: ['short'] } },
  { publish: { keys: ['sha256:123456'] } },
  { play: { addresses: ['10.0.0.0/33'] } },
  { play: { jwt: true } },
  { jwt: {} },
  { jwt: { keys: [{ secret: 'too short' }] } },
  { recheckMs: 10 },
  { pubish: {} },
])('refuses the options %j, and does not say what the secrets are', async (options) => {
  const failure: unknown = await setUp(options as never).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(String(failure)).not.toMatch(/a-stream-key|too short/);
});

describe('other options while it runs', () => {
  test('count from then on', async () => {
    await using auth = await setUp({ publish: { keys: [KEY] } });
    await auth.manager.reconfigurePlugin('@sluice/plugin-auth', { publish: { keys: ['the-next-key'] } });
    expect(inShort(await auth.bring(KEY))).toBe('401');
    expect(inShort(await auth.bring('the-next-key'))).toBe('allowed');
  });

  test('that are wrong change nothing', async () => {
    await using auth = await setUp({ publish: { keys: [KEY] } });
    const change = auth.manager.reconfigurePlugin('@sluice/plugin-auth', { publish: { jwt: true } });
    await expect(change).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(inShort(await auth.bring(KEY))).toBe('allowed');
  });

  test('end sessions at their next check, and leave the others alone', async () => {
    await using auth = await setUp({ publish: { keys: [KEY, 'another-key'] }, recheckMs: 10_000 });
    const stays = await auth.bring('another-key');
    const goes = await auth.bring(KEY, 'publish', { stream: 'other' });
    await auth.clock.advance(10_000);
    expect(auth.manager.sessions.size).toBe(2);
    await auth.manager.reconfigurePlugin('@sluice/plugin-auth', { publish: { keys: ['another-key'] }, recheckMs: 10_000 });
    expect(auth.manager.sessions.size).toBe(2);
    await auth.clock.advance(10_000);
    expect(auth.manager.sessions.list()).toEqual([stays]);
    expect(goes).not.toBe(stays);
    expect(auth.manager.sessions.listEnded()).toMatchObject([{ reason: 'The stream key is wrong.' }]);
  });
});

test('decisions are counted by what they were made by', async () => {
  await using auth = await setUp({ publish: { addresses: HERE, keys: [KEY] }, play: { open: true }, jwt });
  for (const token of Object.values(tokens)) await auth.ask('publish', { credentials: { token } });
  await auth.ask('publish', { remote: { address: '10.0.0.1', port: 1 } });
  await auth.ask('play');
  const family = await auth.manager.contributions(metrics)[0]?.value.collect();
  expect(family).toMatchObject([{ name: 'sluice_auth_decisions_total', type: 'counter' }]);
  const counts = Object.fromEntries((family?.[0]?.samples ?? []).map((sample) => [Object.values(sample.labels ?? {}).join(' '), 'value' in sample && sample.value]));
  expect(counts).toEqual({
    'publish address allowed': 5,
    'publish address refused': 1,
    'publish none refused': 1,
    'publish key allowed': 1,
    'publish jwt refused': 2,
    'publish jwt allowed': 1,
    'play none allowed': 1,
  });
});
