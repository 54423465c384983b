import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PROFILE_NAMES, type ProfileName } from './load/profiles.ts';
import { SERVER_NAMES, type ServerName } from './results.ts';

/** What the command line asks for. */
export interface BenchOptions {
  readonly viewers: readonly number[];
  /** Packets per second. */
  readonly rates: readonly number[];
  /** Of each measurement. */
  readonly seconds: number;
  /** Of the set-up measurement; 0 leaves it out. */
  readonly sessions: number;
  readonly servers: readonly ServerName[];
  readonly profile: ProfileName;
  readonly jsonFile: string | undefined;
  readonly profileFolder: string | undefined;
}

export const HELP = `Usage: pnpm bench [options]

  --viewers LIST     viewers of the one stream (default 1,10,50,100)
  --rates LIST       packets per second that are published (default 260,500)
  --seconds N        length of each measurement (default 10)
  --sessions N       sessions of the set-up measurement, 0 = leave it out (default 100)
  --only SERVER      sluice or werift alone
  --srtp PROFILE     gcm or cm (default gcm)
  --json FILE        write the results too
  --cpu-prof FOLDER  write CPU profiles of the servers, which then run slower
  --help
`;

/** Bounds what a run can take of a machine. */
const LIMITS = { viewers: 2000, rates: 5000, seconds: 600, sessions: 2000 } as const;

/**
 * Reads the command line.
 * @param folder that relative paths start from
 * @returns undefined when only help is wanted
 * @throws Error that says what is wrong with it
 */
export function readOptions(args: readonly string[], folder: string): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      viewers: { type: 'string', default: '1,10,50,100' },
      rates: { type: 'string', default: '260,500' },
      seconds: { type: 'string', default: '10' },
      sessions: { type: 'string', default: '100' },
      only: { type: 'string' },
      srtp: { type: 'string', default: 'gcm' },
      json: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { viewers, rates, seconds, sessions, only, srtp, json, 'cpu-prof': profileFolder } = values;
  return {
    viewers: readList('viewers', viewers),
    rates: readList('rates', rates),
    seconds: readNumber('seconds', seconds, 1),
    sessions: readNumber('sessions', sessions, 0),
    servers: only === undefined ? SERVER_NAMES : [oneOf('only', SERVER_NAMES, only)],
    profile: oneOf('srtp', PROFILE_NAMES, srtp),
    jsonFile: json === undefined ? undefined : resolve(folder, json),
    profileFolder: profileFolder === undefined ? undefined : resolve(folder, profileFolder),
  };
}

function readList(name: 'viewers' | 'rates', text: string): number[] {
  return text.split(',').map((part) => readNumber(name, part, 1));
}

function readNumber(name: keyof typeof LIMITS, text: string, min: number): number {
  const value = Number(text);
  const max = LIMITS[name];
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${name} takes whole numbers from ${min} to ${max}, not "${text}".`);
}

function oneOf<T extends string>(name: string, choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Error(`--${name} takes ${choices.join(' or ')}, not "${text}".`);
  return choice;
}
