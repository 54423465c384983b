import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
/** Debian's own Python, for which its packages are; another one may come first in PATH. */
const PYTHON = process.env['E2E_PYTHON'] ?? '/usr/bin/python3';
/** Debian's packages of Go stand here, so that nothing is fetched. */
const GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };

/** An example that runs. */
export interface ExampleProcess extends AsyncDisposable {
  /** What it has printed so far. */
  readonly output: string;
  /**
   * Waits until it has printed this.
   * @throws Error with what it printed instead
   */
  says(words: string | RegExp): Promise<void>;
  write(text: string): void;
  /** Ends its input and resolves with its exit code. */
  finish(): Promise<number | null>;
}

/** Runs a program of `apps/examples/python`. */
export function runPython(program: string, ...args: readonly string[]): ExampleProcess {
  // -B: no __pycache__ beside the sources; -u: what it says is told at once.
  return new Example(spawn(PYTHON, ['-B', '-u', fileURLToPath(new URL(`python/${program}`, EXAMPLES)), ...args], { stdio: 'pipe' }));
}

/** Runs a program that {@link buildGo} built. */
export function runGo(file: string, ...args: readonly string[]): ExampleProcess {
  return new Example(spawn(file, args, { stdio: 'pipe' }));
}

/**
 * Builds a program of `apps/examples/go` as that file.
 * @throws Error with what the compiler said
 */
export async function buildGo(program: string, file: string): Promise<void> {
  const cwd = fileURLToPath(new URL('go/', EXAMPLES));
  await using build = new Example(spawn('go', ['build', '-o', file, `./${program}`], { cwd, env: { ...process.env, ...GO }, stdio: 'pipe' }));
  const code = await build.finish();
  if (code !== 0) throw new Error(`Go cannot build ${program}.\n${build.output}`);
}

class Example implements ExampleProcess {
  output = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #hasEnded = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    child.stdin?.on('error', () => {}); // It may be gone before its input ends.
    child.once('close', () => {
      this.#hasEnded = true;
    });
    this.#closed = once(child, 'close');
  }

  async says(words: string | RegExp): Promise<void> {
    const said = (): boolean => (typeof words === 'string' ? this.output.includes(words) : words.test(this.output));
    await until('it says so or ends', () => said() || this.#hasEnded).catch(() => undefined);
    if (!said()) throw new Error(`It did not say ${words}, but:\n${this.output}`);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  async finish(): Promise<number | null> {
    this.#child.stdin?.end();
    await this.#closed;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
