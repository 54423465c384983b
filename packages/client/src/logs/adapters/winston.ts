import type { LogLevel } from '../log-entry.ts';
import { isJsonObject } from '../../web-socket/json-object.ts';
import { spanOf } from './span.ts';
import type { LogSink } from './log-sink.ts';

/** How {@link winstonLog} reads winston's records. */
export interface WinstonOptions {
  /** Of the entries of a logger without `label`. Default: the producer's. */
  readonly target?: string | undefined;
}

/** npm's and syslog's names; what is not here is finer. */
const LEVELS: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>([
  ['emerg', 'ERROR'],
  ['alert', 'ERROR'],
  ['crit', 'ERROR'],
  ['error', 'ERROR'],
  ['warning', 'WARN'],
  ['warn', 'WARN'],
  ['notice', 'INFO'],
  ['info', 'INFO'],
  ['http', 'INFO'],
]);

/**
 * For a transport of winston: `new Transport({ log: winstonLog(producer) })` of `winston-transport`.
 * Metadata becomes fields; `trace_id` and `span_id` the span, and `label` the target.
 * @returns the method `log` of a transport
 */
export function winstonLog(sink: LogSink, { target }: WinstonOptions = {}): (info: unknown, next: () => void) => void {
  return (info, next) => {
    if (isJsonObject(info)) {
      const { level, message, label, timestamp, ...fields } = info;
      sink.write({
        level: LEVELS.get(typeof level === 'string' ? level : 'info') ?? 'DEBUG',
        message: typeof message === 'string' ? message : (JSON.stringify(message) ?? ''),
        target: typeof label === 'string' ? label : target,
        timestamp: typeof timestamp === 'string' ? timestamp : undefined,
        fields: Object.keys(fields).length > 0 ? fields : undefined,
        span: spanOf(fields),
      });
    }
    next();
  };
}
