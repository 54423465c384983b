import type { LogLevel } from '../log-entry.ts';
import { type JsonObject, parseJsonObject } from '../../web-socket/json-object.ts';
import { spanOf } from './span.ts';
import type { LogSink } from './log-sink.ts';

/** What pino writes to. */
export interface PinoDestination {
  write(line: string): void;
}

/** How {@link pinoDestination} reads pino's lines. */
export interface PinoOptions {
  /** Of the entries of a logger without `name`. Default: the producer's. */
  readonly target?: string | undefined;
  /** Where the logger puts its message. Default `msg`. */
  readonly messageKey?: string | undefined;
}

/** What is not here is finer. */
const NAMES: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>([
  ['fatal', 'ERROR'],
  ['error', 'ERROR'],
  ['warn', 'WARN'],
  ['info', 'INFO'],
]);

/**
 * A destination for pino: `pino(pinoDestination(producer))`, or one stream of `pino.multistream`.
 * Bindings and fields become fields; `trace_id` and `span_id` the span, and `name` the target.
 */
export function pinoDestination(sink: LogSink, { target, messageKey = 'msg' }: PinoOptions = {}): PinoDestination {
  return {
    write(line) {
      const record = parseJsonObject(line);
      if (!record) return sink.write({ level: 'INFO', message: line.trimEnd(), target });
      const { level, time, name, pid: _pid, hostname: _hostname, [messageKey]: message, ...fields } = record;
      sink.write({
        level: levelOf(level),
        message: typeof message === 'string' ? message : messageOf(fields),
        target: typeof name === 'string' ? name : target,
        timestamp: typeof time === 'number' || typeof time === 'string' ? time : undefined,
        fields: Object.keys(fields).length > 0 ? fields : undefined,
        span: spanOf(fields),
      });
    },
  };
}

/** pino counts in tens: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal; formatters may write the name. */
function levelOf(level: unknown): LogLevel {
  if (typeof level === 'string') return NAMES.get(level.toLowerCase()) ?? 'DEBUG';
  const number = typeof level === 'number' ? level : 30;
  if (number >= 50) return 'ERROR';
  if (number >= 40) return 'WARN';
  return number >= 30 ? 'INFO' : 'DEBUG';
}

/** `logger.error(error)` has its words there. */
function messageOf({ err }: JsonObject): string {
  const message: unknown = typeof err === 'object' && err !== null ? Reflect.get(err, 'message') : undefined;
  return typeof message === 'string' ? message : '';
}
