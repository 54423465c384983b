import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CHECK_TITLES } from '../conformance/check-plugin.ts';

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url));

// Each test starts a process.
vi.setConfig({ testTimeout: 60_000 });

/** JavaScript of a plugin of hooks, which needs an option and leaves a timer behind when it is told so. */
const PLUGIN = `export default ({ key, leak }) => {
  if (!key) throw new Error('The option key is missing.');
  return {
    name: '@someone/plugin-key',
    api: 1,
    hooks: { play: ({ params }) => (params.key === key ? undefined : { allow: false, reason: 'wrong key' }) },
    setup(ctx) {
      const stop = ctx.clock.setTimeout(() => undefined, 60_000);
      if (!leak) ctx.onClose(stop);
      setInterval(() => undefined, 1_000);
    },
  };
};`;

/** TypeScript of a plugin that needs the other one, and whose sessions do not see their peers leave. */
const PLAYER = `interface Context {
  readonly engine: { createTransport(): { readonly state: string; close(reason?: string): Promise<void> } };
}

export default () => ({
  name: 'player',
  api: 1,
  types: ['look'],
  capabilities: { access: 'play' },
  dependsOn: ['@someone/plugin-key'],
  negotiate(_request: unknown, ctx: Context) {
    const transport = ctx.engine.createTransport();
    let closed = false;
    return {
      get closed() { return closed; },
      createAnswer: async () => 'v=0',
      onClosed: () => () => undefined,
      close: async (reason?: string) => {
        closed = true;
        await transport.close(reason);
      },
    };
  },
});`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-verify-'));
  await writeFile(path.join(folder, 'key.mjs'), PLUGIN);
  await writeFile(path.join(folder, 'player.mts'), PLAYER);
});

afterAll(() => rm(folder, { recursive: true }));

async function verify(...args: string[]) {
  const run = promisify(execFile)(process.execPath, [CLI, ...args], { cwd: folder });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return { code: run.child.exitCode, stdout, stderr };
}

test('a plugin that keeps the rules: a line for each, and 0, whatever it leaves running', async () => {
  const { code, stdout, stderr } = await verify('./key.mjs', '--options', '{"key":"1"}');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^@someone\/plugin-key\n {2}✓ has a valid definition\n/);
  for (const title of CHECK_TITLES) expect(stdout).toMatch(new RegExp(`^  [✓–] ${title}`, 'm'));
  expect(stdout).toMatch(/\n6 passed, 0 failed, 4 skipped\n$/);
  expect(code).toBe(0);
});

test('a plugin that breaks a rule: what to do, and 1', async () => {
  const { code, stdout } = await verify('./key.mjs', '--options', '{"key":"1","leak":true}');
  expect(stdout).toContain('  ✗ leaves nothing behind when the manager closes\n      When the manager had closed, 1 of its timers are armed; call');
  expect(stdout).toMatch(/\n4 passed, 2 failed, 4 skipped\n$/);
  expect(code).toBe(1);
});

test('a plugin in TypeScript, beside the one that it needs and with the query that this one wants', async () => {
  await writeFile(path.join(folder, 'with-options.mjs'), "import key from './key.mjs';\nexport default () => key({ key: '1' });");
  const { code, stdout } = await verify('./player.mts', '--with', './with-options.mjs', '--query', 'key=1');
  expect(stdout).toMatch(/\n\d passed, \d failed, 1 skipped\n$/);
  expect(stdout).toContain('✓ negotiates every type');
  expect(stdout).toContain("a session of 'look' called its onClosed listeners 0 times");
  expect(code).toBe(1);
});

test.each([
  [['./absent.mjs'], 'The plugin "./absent.mjs" could not be loaded'],
  [['./key.mjs', '--options', '{}'], 'The option key is missing.'],
  [[], 'Which plugin?'],
])('%j: one sentence, and 1', async (args, words) => {
  const { code, stdout, stderr } = await verify(...args);
  expect(stdout).toBe('');
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});
