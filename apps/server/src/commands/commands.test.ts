import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type RequestListener, createServer as createHttpServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { fakeEngine, rejectionOf, sampleOffer } from '@sluice/core/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { adminTokenFile, keepAdminToken } from '../admin-token.ts';
import type { RunningServer } from '../running-server.ts';
import { startServer } from '../server.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor/doctor.ts';
import { kick, sessions } from './sessions.ts';
import { streams } from './streams.ts';
import { textTable } from './text-table.ts';

const TOKEN = 'a-token-of-some-length';
const running: Pick<RunningServer, 'close'>[] = [];
/** Where servers of the user that runs these tests keep their token. */
let state: string;

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), 'sluice-state-'));
});

afterAll(() => rm(state, { recursive: true }));

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(http: object = {}): Promise<RunningServer> {
  const adminToken = await keepAdminToken(adminTokenFile({ SLUICE_STATE_DIRECTORY: state }));
  const server = await startServer(parseConfig({ http: { port: 0, ...http }, rtc: { port: 0 } }), { adminToken, logger: silentLogger, createEngine: async () => fakeEngine() });
  running.push(server);
  return server;
}

/** A server that is not Sluice. */
async function listen(answer: RequestListener) {
  const server = createHttpServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
  };
  running.push({ close });
  return { port, url: `http://127.0.0.1:${port}` };
}

/** Runs a command, and gives what it printed. */
async function run(command: Command, args: readonly string[], env: Record<string, string> = {}) {
  let printed = '';
  const code = await command.execute(args, { cwd: import.meta.dirname, env: { SLUICE_STATE_DIRECTORY: state, ...env }, isTerminal: false, print: (text) => (printed += text), complain: () => undefined });
  return { code, printed };
}

async function openEcho({ url }: RunningServer): Promise<string> {
  const answer: unknown = await (await fetch(`${url}/index/api/webrtc?type=echo&app=live&stream=a`, { method: 'POST', body: sampleOffer() })).json();
  return (answer as { id: string }).id;
}

test('streams and sessions are tables for people and JSON for scripts', async () => {
  const server = await start();
  const { code, printed } = await run(streams, ['--url', server.url]);
  expect([code, printed.split('\n')[0]?.split(/ +/)]).toEqual([0, ['STREAM', 'STATE', 'FROM', 'VIEWERS', 'TRACKS', 'KBIT/S', 'SINCE']]);
  expect(printed).toMatch(/^live\/demo +live +\w+ +0 /m);
  expect(JSON.parse((await run(streams, ['--json'], { SLUICE_URL: server.url })).printed)).toMatchObject([{ stream: 'demo' }]);
  expect((await run(sessions, ['--url', server.url])).printed).toBe('There are no sessions.\n');

  const id = await openEcho(server);
  expect((await run(sessions, ['--url', server.url])).printed).toContain(id);
  expect(JSON.parse((await run(sessions, [id, '--url', server.url])).printed)).toMatchObject({ id, diagnosis: { state: expect.any(String) } });
});

test('a session that is kicked has ended', async () => {
  const server = await start();
  const id = await openEcho(server);
  expect(await run(kick, [id, '--url', server.url])).toEqual({ code: 0, printed: `The session ${id} has ended.\n` });
  expect((await run(sessions, ['--url', server.url])).printed).toBe('There are no sessions.\n');
  expect((await run(sessions, ['--all', '--url', server.url])).printed).toContain('ended by an administrator');
  expect(await rejectionOf(run(kick, [id, '--url', server.url]))).toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

test('all pages of a list are fetched', async () => {
  const server = await start();
  const ids = await Promise.all(Array.from({ length: 105 }, () => openEcho(server)));
  const listed: unknown = JSON.parse((await run(sessions, ['--json', '--url', server.url])).printed);
  expect((listed as { id: string }[]).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

test('the token is taken from a flag or the environment, and a wrong one is said', async () => {
  const server = await start({ adminToken: TOKEN });
  expect((await run(sessions, ['--url', server.url, '--token', TOKEN])).code).toBe(0);
  expect((await run(sessions, ['--url', server.url], { SLUICE_ADMIN_TOKEN: TOKEN })).code).toBe(0);
  const refusal = await rejectionOf(run(sessions, ['--url', server.url], { SLUICE_ADMIN_TOKEN: 'wrong' }));
  expect(refusal).toMatchObject({ code: 'UNAUTHORISED', message: expect.stringContaining('SLUICE_ADMIN_TOKEN') });
});

test('the token that a server has made goes to this machine only', async () => {
  const asked: (string | undefined)[] = [];
  const other = await listen((request, response) => {
    asked.push(request.headers.authorization);
    response.end('[]');
  });
  // No loopback address, though it leads here.
  const elsewhere = `http://0.0.0.0:${other.port}`;
  await run(sessions, ['--url', other.url]);
  await run(sessions, ['--url', elsewhere]);
  await run(sessions, ['--url', elsewhere, '--token', 'given']);
  expect(asked).toEqual([expect.stringMatching(/^Bearer [\w-]{44}$/), undefined, 'Bearer given']);
});

test.each<[string, string, RequestListener]>([
  ['a next page elsewhere, where the token is not brought', 'another server', (_request, response) => response.setHeader('link', '<http://127.0.0.2:9/>; rel="next"').end('[]')],
  ['pages without end', 'pages', (_request, response) => response.setHeader('link', '<?cursor=x>; rel="next"').end('[]')],
  ['something else than JSON', 'no JSON', (_request, response) => response.end('<html>')],
  ['words that a terminal would obey', 'bad?[2J', (_request, response) => response.writeHead(500).end(JSON.stringify({ detail: 'bad\u009b[2J' }))],
])('a server that gives %s is one sentence', async (_what, words, answer) => {
  const { url } = await listen(answer);
  expect(await rejectionOf(run(sessions, ['--url', url, '--token', 'given']))).toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining(words) });
});

test('rows of another form are left out, or shown as far as they are text', async () => {
  const rows = [null, 1, 'x', { id: 'a', client: null }, { id: { toString: 1 }, client: { address: ['x'] }, stream: { app: null } }, { stream: 's', tracks: [null] }, { vhost: 1, stream: 's', tracks: [{}] }];
  const { url } = await listen((_request, response) => response.end(JSON.stringify(rows)));
  for (const command of [sessions, streams]) expect((await run(command, ['--url', url, '--token', 'given'])).code).toBe(0);
});

test('no server, and no URL, are one sentence', async () => {
  const closed = await start();
  await closed.close();
  expect(await rejectionOf(run(streams, ['--url', closed.url]))).toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining(`${closed.url} (ECONNREFUSED)`) });
  expect(await rejectionOf(run(streams, ['--url', 'ftp://x']))).toMatchObject({ code: 'ARGUMENT_INVALID' });
});

test('doctor finds what is taken and by whom, and which URLs answer', async () => {
  const server = await listen((_request, response) => response.end(JSON.stringify({ status: 'ok' })));
  const udp = createSocket('udp4').bind(0);
  await once(udp, 'listening');
  const { code, printed } = await run(doctor, ['--json', '--http-port', String(server.port), '--rtc-port', String(udp.address().port), '--set', `hooks.onPublish=${server.url}/hook?key=secret`]);
  udp.close();
  const findings: unknown = JSON.parse(printed);
  expect(code).toBe(1);
  expect(printed).not.toContain('secret');
  expect(findings).toEqual(
    expect.arrayContaining([
      { level: 'ok', about: 'Node', text: `Version ${process.versions.node}.` },
      { level: 'problem', about: 'HTTP port', text: expect.stringMatching(new RegExp(`TCP ${server.port} is taken by .* \\(process ${process.pid}\\)`)) },
      { level: 'problem', about: 'media port', text: expect.stringContaining('is taken') },
      { level: 'ok', about: 'hook URLs', text: `${server.url}/hook answers (200).` },
      { level: expect.stringMatching(/ok|warning/), about: 'send tier', text: expect.any(String) },
    ]),
  );
});

test('doctor has nothing against ports that a running Sluice has', async () => {
  const server = await start();
  const udp = createSocket('udp4').bind(0);
  await once(udp, 'listening');
  const { code, printed } = await run(doctor, ['--http-port', String(server.httpPort), '--rtc-port', String(udp.address().port)]);
  udp.close();
  expect(printed).toMatch(new RegExp(`ok       HTTP port: TCP ${server.httpPort} is taken by a running Sluice, .* \\(process ${process.pid}\\)\\.`));
  expect(printed).toMatch(/ok {7}media port: UDP \d+ is taken by a running Sluice/);
  expect(code).toBe(0);
});

test("doctor compares this machine's clock with that of whoever is asked", async () => {
  const server = await listen((_request, response) => response.setHeader('date', new Date(Date.now() + 60_000).toUTCString()).end());
  const { code, printed } = await run(doctor, ['--http-port', '0', '--rtc-port', '0', '--set', `hooks.onPlay=${server.url}/hook`]);
  expect(printed).toMatch(new RegExp(`warning  clock: This machine's clock is (59|60|61) s behind that of ${server.url}/hook`));
  expect(code).toBe(0);
});

test('doctor finds nothing where all is well, a URL that is away, and a configuration that is wrong', async () => {
  const args = ['--http-port', '0', '--rtc-port', '0'];
  expect(await run(doctor, args)).toMatchObject({ code: 0, printed: expect.stringContaining('ok       HTTP port: Any free one is taken.\n') });
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await once(other, 'close');
  expect(await run(doctor, [...args, '--set', `hooks.onPlay=http://127.0.0.1:${port}/`])).toMatchObject({ code: 1, printed: expect.stringContaining('(ECONNREFUSED)') });
  expect(await run(doctor, ['--set', 'http.prot=1'])).toMatchObject({ code: 1, printed: expect.stringContaining('problem  configuration:') });
});

test('doctor says what is wrong with certificates, and with going without', async () => {
  const args = ['--http-port', '0', '--rtc-port', '0', '--set'];
  expect((await run(doctor, args.slice(0, -1))).printed).toContain('ok       TLS: ');
  expect((await run(doctor, [...args, 'http.host=0.0.0.0'])).printed).toContain('warning  TLS: HTTP on 0.0.0.0 goes without TLS');
  const wrong = await run(doctor, [...args, 'http.tls.certFile=absent.pem', '--set', 'http.tls.keyFile=absent.key']);
  expect(wrong).toMatchObject({ code: 1, printed: expect.stringMatching(/problem  TLS: .*absent\.pem/) });
});

test('a table has aligned columns, and no control characters of its clients', () => {
  expect(textTable(['A', 'B'], [['long\u001B[31m', 'x'], ['y', '']])).toBe('A          B\nlong?[31m  x\ny\n');
});
