import { parseArgs } from 'node:util';
import { MediaError } from '@sluice/core';

/** What `sluice-verify --help` prints. */
export const HELP = `Usage: sluice-verify <package or path> [flags]

Loads a plugin as a server does, and checks that it keeps the plugin contract.
A path starts with . or /; names and paths are resolved from the current folder.

  --options <JSON>   what the plugin's factory is given
  --query <query>    query string of the sample requests, for a plugin that looks at it
  --with <package>   another plugin that must be there too; may be repeated
  --help             print this

Exits with 0 when every rule is kept, else with 1.
`;

/** What the command line asks for. */
export interface CommandLine {
  /** Package name or path; undefined asks for the help. */
  readonly plugin: string | undefined;
  readonly options: unknown;
  readonly query: string | undefined;
  readonly companions: readonly string[];
}

/**
 * Reads the arguments behind `sluice-verify`.
 * @throws MediaError ARGUMENT_MISSING, ARGUMENT_INVALID
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const { options, query, with: companions = [], help } = values;
  const [plugin, ...more] = positionals;
  if (help === true) return { plugin: undefined, options: undefined, query, companions };
  if (plugin === undefined) throw new MediaError('ARGUMENT_MISSING', `Which plugin? Give the name of its package or its path; ${SEE_HELP}`);
  if (more.length > 0) throw new MediaError('ARGUMENT_INVALID', `One plugin at a time, not ${positionals.join(' and ')}; ${SEE_HELP}`);
  return { plugin, options: options === undefined ? undefined : parseOptions(options), query, companions };
}

const SEE_HELP = 'sluice-verify --help says more.';

const FLAGS = {
  options: { type: 'string' },
  query: { type: 'string' },
  with: { type: 'string', multiple: true },
  help: { type: 'boolean' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const sentence = message.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? message;
    throw new MediaError('ARGUMENT_INVALID', `${sentence}; ${SEE_HELP}`, { cause: error });
  }
}

function parseOptions(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MediaError('ARGUMENT_INVALID', `--options must be JSON, for example '{"key":"value"}', not ${text}.`, { cause: error });
  }
}
