import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adminTokenFile, keepAdminToken, readAdminToken } from './admin-token.ts';

async function tokenFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-token-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return path.join(folder, 'state', 'admin-token');
}

test('the token is made once, and only its user can read it', async () => {
  const file = await tokenFile();
  expect(await readAdminToken(file)).toBeUndefined();
  const token = await keepAdminToken(file);
  expect(token).toMatch(/^[\w-]{44}$/);
  expect([(await stat(file)).mode & 0o777, (await stat(path.dirname(file))).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(await keepAdminToken(file)).toBe(token);
  expect(await readAdminToken(file)).toBe(token);
  expect(await keepAdminToken(await tokenFile())).not.toBe(token);
});

test.each<[string, (file: string) => Promise<unknown>, string]>([
  ['others can read', async (file) => chmod(file, 0o640), 'others can read it'],
  ['holds something else', async (file) => writeFile(file, 'changeme'), 'no token'],
  ['is empty', async (file) => writeFile(file, ''), 'no token'],
  ['is a link', async (file) => { await rm(file); await symlink('/etc/hostname', file); }, 'cannot be read'],
  ['is a folder', async (file) => { await rm(file); await mkdir(file); }, 'is no file'],
])('a file that %s gives no token, and is left as it is', async (_what, spoil, words) => {
  const file = await tokenFile();
  await keepAdminToken(file);
  await spoil(file);
  const before = await readFile(file).catch(String);
  for (const read of [readAdminToken, keepAdminToken]) {
    await expect(read(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) });
  }
  expect(await readFile(file).catch(String)).toEqual(before);
});

test('servers that start at the same time have one token', async () => {
  const file = await tokenFile();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => keepAdminToken(file)));
  expect([...new Set(tokens)]).toEqual([await readAdminToken(file)]);
});

test('a token that another server is about to write is waited for', async () => {
  const file = await tokenFile();
  const token = await keepAdminToken(file);
  await writeFile(file, '');
  const kept = keepAdminToken(file);
  await expect(readAdminToken(file)).rejects.toThrow('no token');
  await writeFile(file, `${token}\n`);
  expect(await kept).toBe(token);
});

test('a folder that cannot be made is said with its name', async () => {
  const file = await tokenFile();
  await writeFile(path.dirname(file), '');
  await expect(keepAdminToken(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(file) });
});

test.each([
  [{ SLUICE_STATE_DIRECTORY: '/srv/a', STATE_DIRECTORY: '/srv/b', HOME: '/home/u' }, '/srv/a/admin-token'],
  [{ STATE_DIRECTORY: '/srv/b', XDG_STATE_HOME: '/srv/c', HOME: '/home/u' }, '/srv/b/admin-token'],
  [{ XDG_STATE_HOME: '/srv/c', HOME: '/home/u' }, '/srv/c/sluice/admin-token'],
  [{ HOME: '/home/u' }, '/home/u/.local/state/sluice/admin-token'],
])('of %j it is in %s', (env, file) => {
  expect(adminTokenFile(env)).toBe(path.normalize(file));
});
