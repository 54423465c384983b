/** One level of a {@link Logger}: a message, or fields and a message, as pino has it. */
export interface LogFunction {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What Sluice logs to. A pino logger fits as it is. */
export interface Logger {
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
  /** A logger that adds `bindings` to every line. */
  child(bindings: Record<string, unknown>): Logger;
}

const ignore: LogFunction = () => undefined;

/** Logs nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
