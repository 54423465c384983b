import type { ServerConfig } from '@sluice/config';
import type { LogFunction, Logger } from '@sluice/core';

/** `silent` says nothing. */
export type LogLevel = ServerConfig['log']['level'];

/** A logger whose level can be changed, that of its children with it. */
export interface AdjustableLogger extends Logger {
  readonly setLevel: (level: LogLevel) => void;
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** Gives a logger that says everything a level. pino's own is fixed in each child from its making on. */
export function adjustable(logger: Logger, level: LogLevel): AdjustableLogger {
  const least = { rank: RANKS[level] };
  const setLevel = (changed: LogLevel): void => {
    least.rank = RANKS[changed];
  };
  return { ...limited(logger, least), setLevel };
}

export function isAdjustable(logger: Logger): logger is AdjustableLogger {
  return 'setLevel' in logger && typeof logger.setLevel === 'function';
}

function limited(logger: Logger, least: { readonly rank: number }): Logger {
  const from = (level: 'debug' | 'info' | 'warn' | 'error'): LogFunction => {
    const rank = RANKS[level];
    return (fields: unknown, message?: string) => {
      if (rank < least.rank) return;
      if (typeof fields === 'string') logger[level](fields);
      else logger[level](Object(fields), message ?? '');
    };
  };
  return { debug: from('debug'), info: from('info'), warn: from('warn'), error: from('error'), child: (bindings) => limited(logger.child(bindings), least) };
}
