import type { ServerConfig } from '@sluice/config';
import { type DestinationStream, type LoggerOptions, destination, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import { type AdjustableLogger, adjustable } from './log-level.ts';

/** Log lines go here, so that stdout holds the ready line only. */
const STDERR = 2;

/** Names of fields that may hold secrets; a query string often carries a token or a key. */
const SECRETS = ['token', 'secret', 'password', 'adminToken', 'icePwd', 'credential', 'credentials', 'authorization', 'cookie', 'query', 'params'];

const options: LoggerOptions = {
  redact: {
    paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    censor: '[redacted]',
  },
  serializers: { url: withoutQuery },
  hooks: { streamWrite: withoutSecrets },
};

/** Values in running text, where no field says what they are: of queries, of the Authorization header, of SDP. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/([?&][\w.-]*(?:token|secret|key|pass|pwd|sign|auth|credential)[\w.-]*=)[^&\s"'\\]+/gi, '$1[redacted]'],
  [/\b(Bearer|Basic) +[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/(a=ice-pwd:)[^\s"\\]+/g, '$1[redacted]'],
];

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
  // One line each; only the stack of an error stands below.
  return pretty({
    destination: STDERR,
    sync: true,
    singleLine: true,
    colorize: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}

function withoutSecrets(line: string): string {
  let safe = line;
  for (const [secret, instead] of SECRET_TEXTS) safe = safe.replace(secret, instead);
  return safe;
}

function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/\?.*$/s, '?[redacted]') : url;
}
