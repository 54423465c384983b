import { MediaError } from '@sluice/core';

/** Environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values of the command line, named as {@link flagOptions} names them. */
export interface Flags {
  readonly host?: string | undefined;
  readonly 'http-port'?: string | undefined;
  readonly 'rtc-port'?: string | undefined;
  readonly config?: string | undefined;
  readonly 'no-demo'?: boolean | undefined;
}

/** The flags in the form that `parseArgs` of `node:util` takes. */
export const flagOptions = {
  host: { type: 'string' },
  'http-port': { type: 'string' },
  'rtc-port': { type: 'string' },
  config: { type: 'string' },
  'no-demo': { type: 'boolean' },
} as const;

/** What environment and command line may say; undefined leaves it to the config file. */
export interface Overrides {
  readonly file: string | undefined;
  readonly host: string | undefined;
  readonly httpPort: number | undefined;
  readonly rtcPort: number | undefined;
  readonly demo: boolean | undefined;
}

/**
 * Reads the settings that exist outside the config file; a flag counts more than a variable.
 * @throws MediaError CONFIG_INVALID
 */
export function readOverrides(env: Environment, flags: Flags): Overrides {
  return {
    file: flags.config ?? filled(env['SLUICE_CONFIG']),
    host: flags.host ?? filled(env['SLUICE_HOST']),
    httpPort: readPort('--http-port', flags['http-port']) ?? readPort('SLUICE_HTTP_PORT', filled(env['SLUICE_HTTP_PORT'])),
    rtcPort: readPort('--rtc-port', flags['rtc-port']) ?? readPort('SLUICE_RTC_PORT', filled(env['SLUICE_RTC_PORT'])),
    demo: flags['no-demo'] === true ? false : undefined,
  };
}

/** An empty variable is one that is not set, as shells and compose files leave it. */
function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function readPort(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new MediaError('CONFIG_INVALID', `${name} must be a port number from 0 to 65535, not "${value}".`);
}
