import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the workspace. */
export const workspaceFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** Folder for what the scripts keep between two runs; git ignores it. */
export const stateFolder = path.join(workspaceFolder, '.sluice');

/** A failure that a person can do something about; its message says what. */
export class SetupError extends Error {}

/**
 * Runs the whole of a script; a failure becomes one sentence and exit code 1.
 * @param {() => Promise<number>} script gives the exit code
 */
export async function runScript(script) {
  try {
    process.exitCode = await script();
  } catch (error) {
    say(error instanceof SetupError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}

/**
 * Tells the person at the terminal what goes on. Goes to stderr, so that stdout holds results only.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Says what is being done, and afterwards how long it took.
 * @template T
 * @param {string} what for example `Installing packages`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(what, work) {
  const startedAt = Date.now();
  say(`${what} …`);
  const result = await work();
  say(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  return result;
}
