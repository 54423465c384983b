import type { LogFunction, Logger } from '../logger.ts';

/** One line of a {@link MemoryLogger}. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps what is logged, so that tests can read it; children write to the same lines. */
export class MemoryLogger implements Logger {
  readonly lines: LogLine[];
  readonly debug = this.#level('debug');
  readonly info = this.#level('info');
  readonly warn = this.#level('warn');
  readonly error = this.#level('error');
  readonly #bindings: Readonly<Record<string, unknown>>;

  constructor(bindings: Readonly<Record<string, unknown>> = {}, lines: LogLine[] = []) {
    this.#bindings = bindings;
    this.lines = lines;
  }

  child(bindings: Record<string, unknown>): MemoryLogger {
    return new MemoryLogger({ ...this.#bindings, ...bindings }, this.lines);
  }

  #level(level: LogLine['level']): LogFunction {
    return (first: string | Readonly<Record<string, unknown>>, second?: string): void => {
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      this.lines.push({ level, fields: { ...this.#bindings, ...fields }, message });
    };
  }
}
