import type { ServerConfig } from '@sluice/config';
import { type DestinationStream, type LoggerOptions, destination, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import { type AdjustableLogger, adjustable } from './log-level.ts';

/** Log lines go here, so that stdout holds the ready line only. */
const STDERR = 2;

/** Names of fields that may hold secrets; a query string often carries a token or a key. */
const SECRETS = ['token', 'secret', 'password', 'credential', 'credentials', 'authorization', 'cookie', 'query', 'params'];

const options: LoggerOptions = {
  redact: {
    paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    censor: '[redacted]',
  },
  serializers: { url: withoutQuery },
};

/**
 * The log of a server: for people on a terminal, JSON elsewhere, secrets taken out of both.
 * @param stream where it goes; default stderr
 */
export function createLogger(config: ServerConfig['log'], stream: DestinationStream = stderrStream(config.format)): AdjustableLogger {
  return adjustable(pino({ ...options, level: 'debug' }, stream), config.level);
}

function stderrStream(format: ServerConfig['log']['format']): DestinationStream {
  const isPretty = (format ?? (process.stderr.isTTY ? 'pretty' : 'json')) === 'pretty';
  if (!isPretty) return destination({ dest: STDERR, sync: true });
  return pretty({ destination: STDERR, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
}

function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/\?.*$/s, '?[redacted]') : url;
}
