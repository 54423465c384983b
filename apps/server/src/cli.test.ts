import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url));
const READY = /^Sluice is listening on (http:\/\/127\.0\.0\.1:\d+)$/m;

// Each test starts processes.
vi.setConfig({ testTimeout: 30_000 });

interface Run {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
}

let folder: string;
/** Where the token of administrators is kept. */
const stateFolder = (): string => path.join(folder, 'state');
const runs: Run[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
});

afterEach(async () => {
  for (const { child } of runs.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function sluice(...args: string[]): Run {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { ...process.env, SLUICE_STATE_DIRECTORY: stateFolder() }, stdio: ['ignore', 'pipe', 'pipe'] });
  const run: Run = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (run.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()));
  runs.push(run);
  return run;
}

/** What is said on stderr beside the log, whose lines are JSON. */
function saidBy({ stderr }: Run): string {
  return stderr.replaceAll(/^\{.*\}\n/gm, '');
}

async function exitCode({ child }: Run): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode ?? child.signalCode;
}

async function readyUrl(run: Run): Promise<string> {
  await expect.poll(() => run.stdout, { timeout: 20_000, message: run.stderr }).toMatch(READY);
  return READY.exec(run.stdout)?.[1] ?? '';
}

async function streamsOf(url: string): Promise<unknown> {
  return (await fetch(`${url}/api/v1/streams`)).json();
}

const anyPort = ['--http-port', '0', '--rtc-port', '0'];

test.each(['SIGINT', 'SIGTERM'] as const)('runs until %s, says one line and exits with 0', async (signal) => {
  const run = sluice(...anyPort);
  const url = await readyUrl(run);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  run.child.kill(signal);
  expect(await exitCode(run)).toBe(0);
  expect(run.stdout).toBe(`Sluice is listening on ${url}\n`);
});

test('the admin token is in a file that the log names, and in no output', async () => {
  const run = sluice(...anyPort);
  const url = await readyUrl(run);
  const file = path.join(stateFolder(), 'admin-token');
  const token = (await readFile(file, 'utf8')).trim();
  expect(run.stderr).toContain(file);
  expect(run.stdout + run.stderr).not.toContain(token);
  const statusWith = async (headers: Record<string, string>) => (await fetch(`${url}/api/v1/sessions`, { headers })).status;
  expect([await statusWith({}), await statusWith({ authorization: `Bearer ${token}` })]).toEqual([401, 200]);
  const sessions = sluice('sessions', '--url', url);
  expect(await exitCode(sessions)).toBe(0);
  expect(sessions.stdout).toBe('There are no sessions.\n');
});

test('a token that cannot be kept makes nobody an administrator, and the server runs', async () => {
  await writeFile(stateFolder(), '');
  const run = sluice(...anyPort);
  const url = await readyUrl(run);
  expect(run.stderr).toContain('Nobody is an administrator until http.adminToken is set.');
  expect((await fetch(`${url}/api/v1/sessions`)).status).toBe(401);
});

test('--no-demo leaves the demo stream out', async () => {
  const [withDemo, without] = await Promise.all([readyUrl(sluice(...anyPort)), readyUrl(sluice(...anyPort, '--no-demo'))]);
  expect(await streamsOf(withDemo)).toMatchObject([{ app: 'live', stream: 'demo' }]);
  expect(await streamsOf(without)).toEqual([]);
});

test('help and version are printed on stdout', async () => {
  const [help, version] = [sluice('--help'), sluice('--version')];
  expect(await exitCode(help)).toBe(0);
  expect(help.stdout).toContain('--rtc-port');
  expect(await exitCode(version)).toBe(0);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['--frob'], "Unknown option '--frob'; sluice start --help lists the flags.\n"],
  [['--http-port', 'eighty'], '--http-port must be a port number from 0 to 65535, not "eighty".\n'],
  [['--config', '/no/such.yaml'], '/no/such.yaml: there is no such config file.\n'],
])('%j is one sentence on stderr and exit code 1', async (args, sentence) => {
  const run = sluice(...args);
  expect(await exitCode(run)).toBe(1);
  expect(run.stderr).toBe(sentence);
  expect(run.stdout).toBe('');
});

test('a bad config and a plugin that cannot be loaded are one sentence', async () => {
  await writeFile(path.join(folder, 'bad.json'), '{ "http": { "prot": 1 } }');
  await writeFile(path.join(folder, 'plugin.json'), '{ "plugins": ["@someone/absent"] }');
  const [bad, plugin] = [sluice('--config', 'bad.json'), sluice('--config', 'plugin.json')];
  expect(await exitCode(bad)).toBe(1);
  expect(bad.stderr).toContain('did you mean "http.port"?');
  expect(await exitCode(plugin)).toBe(1);
  expect(plugin.stderr).toMatch(/^The plugin "@someone\/absent" could not be loaded from .+\n$/);
});

test('an HTTP port in use is one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const run = sluice('--http-port', String(port), '--rtc-port', '0');
  expect(await exitCode(run)).toBe(1);
  expect(saidBy(run)).toMatch(new RegExp(`^The HTTP port ${port} of 127.0.0.1 is in use .+\n$`));
  other.close();
});

test('a UDP port in use is one sentence', async () => {
  const other = createSocket('udp4').bind(0);
  await once(other, 'listening');
  const { port } = other.address();
  const run = sluice('--http-port', '0', '--rtc-port', String(port));
  expect(await exitCode(run)).toBe(1);
  expect(saidBy(run)).toMatch(new RegExp(`^.*\\b${port}\\b.* in use.*\n$`));
  other.close();
});

test('config check says every thing that is wrong with its line, config print every setting without secrets', async () => {
  await writeFile(path.join(folder, 'sluice.config.yaml'), 'http:\n  adminToken: hush-hush-hush-hush\n  prot: 1\nlog: { level: loud }\n');
  const wrong = sluice('config', 'check');
  expect(await exitCode(wrong)).toBe(1);
  const file = path.join(folder, 'sluice.config.yaml');
  expect(wrong.stderr).toBe(`${file}:3: there is no setting "http.prot"; did you mean "http.port"?\n${file}:4: "log.level" must be debug, info, warn, error or silent, not "loud".\n`);

  await writeFile(path.join(folder, 'right.toml'), '[http]\nadminToken = "hush-hush-hush-hush"\nport = 9000\n');
  const [right, print] = [sluice('config', 'check', 'right.toml'), sluice('config', 'print', 'right.toml', '--origins', '--set', 'log.level=warn')];
  expect(await exitCode(right)).toBe(0);
  expect(right.stdout).toContain('The configuration is right');
  expect(await exitCode(print)).toBe(0);
  expect(print.stdout).toContain(`  port: 9000 # ${path.join(folder, 'right.toml')}:3\n`);
  expect(print.stdout).toContain('  level: warn # --set log.level\n');
  expect(print.stdout).not.toContain('hush');
});

test('config schema is JSON Schema', async () => {
  const run = sluice('config', 'schema');
  expect(await exitCode(run)).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', properties: { http: { properties: { port: { default: 8080 } } } } });
});

test('SIGHUP reads the configuration again, a config.ini too', async () => {
  const file = path.join(folder, 'config.ini');
  const write = (wait: string) => writeFile(file, `[general]\nmaxStreamWaitMS=${wait}\n[http]\nport=0\n[rtc]\nport=0\n[rtmp]\nport=1935\n`);
  await write('1000');
  const run = sluice('--config', 'config.ini', '--no-demo');
  await readyUrl(run);
  expect(run.stderr).toContain('are ignored: rtmp.port');
  await write('0');
  run.child.kill('SIGHUP');
  await expect.poll(() => run.stderr, { timeout: 10_000 }).toContain('The configuration has changed: streams.maxStreamWaitMs');
  await write('soon');
  run.child.kill('SIGHUP');
  await expect.poll(() => run.stderr, { timeout: 10_000 }).toContain(`${file}:2: \\"general.maxStreamWaitMS\\" must be a number of milliseconds`);
  run.child.kill('SIGTERM');
  expect(await exitCode(run)).toBe(0);
});
