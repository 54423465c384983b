import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Longest life of a program; one that hangs must not outlive its test. */
const TIMEOUT_MS = 25_000;

/** An example that runs in a process of its own. */
export interface RunningProgram extends AsyncDisposable {
  /** The first line that it has printed. */
  readonly firstLine: string;
  /** Sends SIGTERM and gives the exit code; null when a signal ended it. */
  stop(): Promise<number | null>;
}

/**
 * Runs a file with this Node, on free ports, until it prints its first line.
 * @throws Error with what stands on stderr, when it ends before that
 */
export async function runProgram(file: URL): Promise<RunningProgram> {
  const env = { ...process.env, HTTP_PORT: '0', RTC_PORT: '0' };
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'close');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));

  const lines = createInterface(child.stdout);
  const [firstLine]: unknown[] = await Promise.race([once(lines, 'line'), ended]);
  if (typeof firstLine !== 'string') throw new Error(`${file.pathname} ended without a word: ${stderr}`);
  return {
    firstLine,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
