import type { LogLevel } from '../log-entry.ts';
import type { LogSink } from './log-sink.ts';

/** What {@link captureConsole} needs of a console. */
export type ConsoleLike = Record<'error' | 'warn' | 'info' | 'log' | 'debug', (...parts: unknown[]) => void>;

type Method = keyof ConsoleLike;

/** How grave it is what they write. */
const METHODS: Readonly<Record<Method, LogLevel>> = { error: 'ERROR', warn: 'WARN', info: 'INFO', log: 'INFO', debug: 'DEBUG' };

/** How {@link captureConsole} works. */
export interface ConsoleCaptureOptions {
  /** Default: the platform's. */
  readonly console?: ConsoleLike | undefined;
  /** Of the entries. Default `console`. */
  readonly target?: string | undefined;
}

/**
 * Sends what is written to the console to the log as well, from now on.
 * @returns what takes the console back to what it was; methods that others have wrapped meanwhile stay
 */
export function captureConsole(sink: LogSink, { console: captured = globalThis.console, target = 'console' }: ConsoleCaptureOptions = {}): () => void {
  let isWriting = false;
  const undo = methodNames().map((method) => {
    const original = captured[method];
    const wrapped = (...parts: unknown[]): void => {
      original.apply(captured, parts);
      // A log that writes to the console itself would go round for ever.
      if (isWriting) return;
      isWriting = true;
      try {
        sink.write({ level: METHODS[method], target, ...entryOf(parts) });
      } catch {
        // Something that throws when it is looked at; the program only wanted to print it.
      } finally {
        isWriting = false;
      }
    };
    captured[method] = wrapped;
    return () => {
      if (captured[method] === wrapped) captured[method] = original;
    };
  });
  return () => {
    for (const restore of undo) restore();
  };
}

function methodNames(): readonly Method[] {
  return ['error', 'warn', 'info', 'log', 'debug'];
}

/** Texts are the message; objects are its fields, one by itself and several by their places. */
function entryOf(parts: readonly unknown[]): { readonly message: string; readonly fields?: Readonly<Record<string, unknown>> } {
  const objects = parts.filter((part) => typeof part === 'object' && part !== null);
  const message = parts.filter((part) => typeof part !== 'object' || part === null || part instanceof Error).map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  const [only] = objects;
  if (objects.length === 0) return { message };
  if (objects.length === 1 && !(only instanceof Error) && !Array.isArray(only)) return { message, fields: { ...only } };
  return { message, fields: Object.fromEntries(objects.map((object, index) => [object instanceof Error ? 'error' : String(index), object])) };
}
