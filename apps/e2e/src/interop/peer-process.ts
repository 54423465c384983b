import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Seen } from '../support/playing.ts';
import { until } from '../support/until.ts';

/** Debian's own Python, for which its packages are; another one may come first in PATH. */
const PYTHON = process.env['E2E_PYTHON'] ?? '/usr/bin/python3';
const LEAVE_MS = 5000;
const MAX_ERROR_OUTPUT = 4000;

/** A WHIP or WHEP client of another implementation, in a process of its own. */
export interface PeerProcess extends AsyncDisposable {
  /**
   * What it has seen so far.
   * @throws Error with what it printed, when it has ended
   */
  seen(): Seen;
  connected(): Promise<void>;
}

/** Starts one of the Python programs of this folder; each says at its top what it takes. */
export function startPeer(program: 'aiortc_peer.py' | 'gstreamer_peer.py', ...args: readonly string[]): PeerProcess {
  const path = fileURLToPath(new URL(program, import.meta.url));
  // -B: no __pycache__ beside the sources.
  const child = spawn(PYTHON, ['-B', path, ...args], { stdio: 'pipe' });
  let latest: Seen = { connectionState: 'new', framesDecoded: 0, width: 0, brightness: 0, audioEnergy: 0 };
  let errorOutput = '';
  let failure: Error | undefined;

  createInterface(child.stdout).on('line', (line) => {
    latest = JSON.parse(line) as Seen;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-MAX_ERROR_OUTPUT);
  });
  child.stdin.on('error', () => {}); // It may be gone before it is told to leave.
  child.once('error', (cause) => {
    failure = new Error(`${PYTHON} cannot be run: install the Debian package python3.`, { cause });
  });
  child.once('close', (code, signal) => {
    failure ??= new Error(`${program} ${args.join(' ')} has ended (${signal ?? code}).\n${errorOutput}`);
  });

  const seen = () => {
    if (failure) throw failure;
    return latest;
  };
  return {
    seen,
    async connected() {
      await until(`${program} is connected`, () => seen().connectionState === 'connected', 30_000);
    },
    [Symbol.asyncDispose]: () => leave(child),
  };
}

/** The end of its input asks a peer to leave; one that does not is killed. */
async function leave(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS);
  child.stdin?.end();
  await closed;
  clearTimeout(timer);
}
