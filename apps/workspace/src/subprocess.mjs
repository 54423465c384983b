import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PARENT_CHECK_MS = 200;
const FORWARDED_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * What to run, where and with which environment.
 * @typedef {object} Command
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] default: that of this process
 * @property {boolean} [shell] needed for `.cmd` files on Windows
 */

/**
 * Runs a command and keeps what it prints.
 * @param {Command} command
 * @returns {Promise<{ code: number, output: string }>} code 127 when there is no such command
 */
export function capture(command) {
  return new Promise((resolve) => {
    const { file, args, cwd, env, shell } = command;
    const child = spawn(file, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: exitCode(code, signal), output: Buffer.concat(chunks).toString() }));
  });
}

/**
 * Runs a command in this terminal, hands signals on to it and waits for its end.
 * @param {Command} command
 * @param {{ deadlineMs?: number }} [options] when it must have ended; it is killed otherwise
 * @returns {Promise<number>} its exit code; as in a shell, 128 + n after signal n
 */
export function runInForeground(command, { deadlineMs } = {}) {
  return new Promise((resolve, reject) => {
    const { file, args, cwd, env, shell } = command;
    const child = spawn(file, args, { cwd, env, shell, stdio: 'inherit' });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => void child.kill(signal);
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
    const stopWatching = onParentGone(() => child.kill('SIGTERM'));
    const deadline = deadlineMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      stopWatching();
      for (const name of FORWARDED_SIGNALS) process.off(name, forward);
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * The shell that npm starts scripts with may die of a signal without passing it on, which leaves us behind.
 * @param {() => void} act
 * @returns {() => void} ends the watch
 */
function onParentGone(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, PARENT_CHECK_MS);
  return () => clearInterval(timer);
}

/**
 * Whether npm or pnpm failed because it did not reach its registry.
 * @param {string} output what it said
 */
export function isNetworkFailure(output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|NETWORK_ERROR/.test(output);
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
