import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MediaError, randomToken } from '@sluice/core';

type Environment = Readonly<Record<string, string | undefined>>;

/** What {@link randomToken} makes, twice. */
const TOKEN = /^[\w-]{44}$/;
/** How often, and after what pauses, a file is read that another server has made and not yet written. */
const READS = 50;
const READ_AGAIN_MS = 20;
/** A link is not followed, because somebody else may have put it there. Windows lacks two of them, and `|` takes those for 0. */
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** A token for administrators that nobody can guess: 256 random bits. */
export function newAdminToken(): string {
  return randomToken() + randomToken();
}

/**
 * The file in which a server keeps the admin token that it has made, and in which the commands of the same user find it:
 * in the folder that SLUICE_STATE_DIRECTORY, systemd or the XDG Base Directory Specification names for such files.
 */
export function adminTokenFile(env: Environment): string {
  return path.join(stateFolder(env), 'admin-token');
}

function stateFolder(env: Environment): string {
  const own = env['SLUICE_STATE_DIRECTORY'] || env['STATE_DIRECTORY'];
  if (own) return path.resolve(own);
  return path.join(env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local', 'state'), 'sluice');
}

/**
 * The token of this user's servers; the first that asks makes it.
 * @throws MediaError CONFIG_INVALID when the file can be neither read nor made, or others can read it
 */
export async function keepAdminToken(file: string): Promise<string> {
  for (let reads = 0; reads < READS; reads += 1) {
    const text = await readText(file);
    if (text) return tokenIn(file, text);
    const made = text === undefined ? await makeAdminToken(file) : undefined;
    if (made !== undefined) return made;
    await pause(READ_AGAIN_MS);
  }
  return tokenIn(file, '');
}

/**
 * @returns undefined when there is no such file
 * @throws MediaError CONFIG_INVALID when it cannot be read, or others can read or have made it
 */
export async function readAdminToken(file: string): Promise<string | undefined> {
  const text = await readText(file);
  return text === undefined ? undefined : tokenIn(file, text);
}

/** @returns undefined when another server of this user has made the file meanwhile */
async function makeAdminToken(file: string): Promise<string | undefined> {
  const token = newAdminToken();
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await using handle = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await handle.writeFile(`${token}\n`);
    return token;
  } catch (error) {
    // The folder's name may be that of a file, which does not pass by itself.
    if (codeOf(error) === 'EEXIST' && (await readText(file)) !== undefined) return undefined;
    throw unusable(file, `it cannot be made: ${wordsOf(error)}`, error);
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    await refuseForeign(file, handle);
    return (await handle.readFile('utf8')).trim();
  } catch (error) {
    if (MediaError.is(error)) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unusable(file, `it cannot be read: ${wordsOf(error)}`, error);
  }
}

function tokenIn(file: string, text: string): string {
  if (TOKEN.test(text)) return text;
  throw unusable(file, 'what is in it is no token; remove it, and the next start makes a new one');
}

async function refuseForeign(file: string, handle: FileHandle): Promise<void> {
  const { mode, uid } = await handle.stat().then((stat) => (stat.isFile() ? stat : Promise.reject(unusable(file, 'it is no file'))));
  // Windows has neither owners nor modes of this kind.
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw unusable(file, 'it belongs to another user');
  if ((mode & 0o077) !== 0) throw unusable(file, 'others can read it; remove it, and the next start makes a new one');
}

function unusable(file: string, why: string, cause?: unknown): MediaError {
  return new MediaError('CONFIG_INVALID', `The admin token cannot be kept in ${file}: ${why}.`, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
