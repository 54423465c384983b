import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PACINGS, type Pacing } from './load/pacer.ts';
import { PROFILE_NAMES, type ProfileName } from './load/profiles.ts';
import { PART_NAMES, type PartName } from './parts/part.ts';
import { SERVER_NAMES, type ServerName } from './servers/names.ts';

/** What the command line asks for. */
export interface BenchOptions {
  readonly parts: readonly PartName[];
  readonly servers: readonly ServerName[];
  readonly viewerCounts: readonly number[];
  /** Packets per second. */
  readonly rates: readonly number[];
  /** Of each measurement. */
  readonly seconds: number;
  /** Of the set-up measurement. */
  readonly sessions: number;
  /** Share, 0 to 1. */
  readonly loss: number;
  readonly pacing: Pacing;
  readonly profile: ProfileName;
  readonly quick: boolean;
  /** Undefined takes one of this machine. */
  readonly address: string | undefined;
  readonly jsonFile: string | undefined;
  readonly profileFolder: string | undefined;
}

export const HELP = `Usage: pnpm bench [options]

  --parts LIST       of ${PART_NAMES.join(',')} (default all)
  --servers LIST     of ${SERVER_NAMES.join(',')} (default all)
  --quick            a rough run of about six minutes
  --viewers LIST     viewers of the one stream (default 1,10,50,100; quick 1,50)
  --rates LIST       packets per second that are published (default 260,500; quick 500)
  --seconds N        length of each measurement (default 10; quick 3)
  --sessions N       sessions of the set-up measurement (default 100; quick 40)
  --loss PERCENT     packets that viewers pretend to have lost, and ask for again (default 0.5)
  --pacing HOW       of publishers: frames at once, as browsers do, or even (default frames)
  --srtp PROFILE     gcm or cm (default gcm)
  --address IPV4     of this machine (default the first that is not the loopback's)
  --json FILE        write the results too
  --cpu-prof FOLDER  write CPU profiles of the servers, which then run slower
  --help
`;

/** Bounds what a run can take of a machine. */
const LIMITS = { viewers: 2000, rates: 5000, seconds: 600, sessions: 2000, loss: 50 } as const;
const DEFAULTS = { viewers: '1,10,50,100', rates: '260,500', seconds: '10', sessions: '100' } as const;
const QUICK_DEFAULTS = { viewers: '1,50', rates: '500', seconds: '3', sessions: '40' } as const;

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
      parts: { type: 'string', default: PART_NAMES.join(',') },
      servers: { type: 'string', default: SERVER_NAMES.join(',') },
      quick: { type: 'boolean', default: false },
      viewers: { type: 'string' },
      rates: { type: 'string' },
      seconds: { type: 'string' },
      sessions: { type: 'string' },
      loss: { type: 'string', default: '0.5' },
      pacing: { type: 'string', default: 'frames' },
      srtp: { type: 'string', default: 'gcm' },
      address: { type: 'string' },
      json: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick ? QUICK_DEFAULTS : DEFAULTS;
  const { parts, servers, quick, loss, pacing, srtp, address, json, 'cpu-prof': profileFolder } = values;
  return {
    parts: oneOfEach('parts', PART_NAMES, parts),
    servers: oneOfEach('servers', SERVER_NAMES, servers),
    viewerCounts: readList('viewers', values.viewers ?? defaults.viewers),
    rates: readList('rates', values.rates ?? defaults.rates),
    seconds: readWholeNumber('seconds', values.seconds ?? defaults.seconds),
    sessions: readWholeNumber('sessions', values.sessions ?? defaults.sessions),
    loss: readPercent('loss', loss) / 100,
    pacing: oneOf('pacing', PACINGS, pacing),
    profile: oneOf('srtp', PROFILE_NAMES, srtp),
    quick,
    address,
    jsonFile: json === undefined ? undefined : resolve(folder, json),
    profileFolder: profileFolder === undefined ? undefined : resolve(folder, profileFolder),
  };
}

function readList(name: 'viewers' | 'rates', text: string): number[] {
  return text.split(',').map((part) => readWholeNumber(name, part));
}

function readWholeNumber(name: keyof typeof LIMITS, text: string): number {
  const value = Number(text);
  const max = LIMITS[name];
  if (text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} takes whole numbers from 1 to ${max}, not "${text}".`);
}

function readPercent(name: 'loss', text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= LIMITS[name]) return value;
  throw new Error(`--${name} takes a number from 0 to ${LIMITS[name]}, not "${text}".`);
}

/** In the order of `choices`, each once. */
function oneOfEach<T extends string>(name: string, choices: readonly T[], text: string): T[] {
  const wanted = text.split(',').map((part) => oneOf(name, choices, part));
  return choices.filter((choice) => wanted.includes(choice));
}

function oneOf<T extends string>(name: string, choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Error(`--${name} takes ${choices.join(' or ')}, not "${text}".`);
  return choice;
}
