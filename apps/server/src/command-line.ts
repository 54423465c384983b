import { parseArgs } from 'node:util';
import { type Flags, flagOptions } from '@sluice/config';
import { MediaError } from '@sluice/core';

/** What `sluice --help` prints. */
export const HELP = `Usage: sluice [flags]

  --host <address>     address that HTTP listens on (SLUICE_HOST, default 127.0.0.1)
  --http-port <port>   HTTP port (SLUICE_HTTP_PORT, default 8080)
  --rtc-port <port>    UDP port of all media (SLUICE_RTC_PORT, default 8000)
  --config <file>      .json, .yaml, .ts or .js (SLUICE_CONFIG)
  --no-demo            do not play the stream live/demo
  --help               print this
  --version            print the version
`;

/** What the command line asks for. */
export interface CommandLine {
  readonly action: 'run' | 'help' | 'version';
  readonly flags: Flags;
}

/**
 * Reads the arguments behind `sluice`.
 * @throws MediaError ARGUMENT_INVALID
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { help, version, ...flags } = parse(args);
  if (help === true) return { action: 'help', flags };
  return { action: version === true ? 'version' : 'run', flags };
}

function parse(args: readonly string[]) {
  const options = { ...flagOptions, help: { type: 'boolean' }, version: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's first sentence names the argument; the rest is advice for programs with positional ones.
    const sentence = message.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? message;
    throw new MediaError('ARGUMENT_INVALID', `${sentence}; sluice --help lists the flags.`, { cause: error });
  }
}
