import { parseArgs } from 'node:util';
import { MediaError } from '@sluice/core';

/** One flag of a command; `parseArgs` of `node:util` reads the first three fields. */
export interface FlagDefinition {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Whether it may be given several times; its value is a list then. */
  readonly multiple?: true;
  /** What a person writes behind it, for example `port`. */
  readonly value?: string;
  readonly help: string;
}

export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

type FlagValue<D extends FlagDefinition> = D extends { multiple: true } ? readonly string[] : D['type'] extends 'boolean' ? boolean : string;

/** Values of flags; undefined = not given. */
export type FlagValues<F extends FlagDefinitions> = {
  readonly [N in keyof F]?: FlagValue<F[N]> | undefined;
};

/** Where a command runs. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to stdout, which holds nothing but what was asked for. */
  readonly print: (text: string) => void;
  /** Whether a person reads stdout, and no file or other program. */
  readonly isTerminal: boolean;
  /** Writes to stderr. */
  readonly complain: (text: string) => void;
}

/** What a command is called with. */
export interface Call<F extends FlagDefinitions> extends Surroundings {
  /** As many as `positionals` of the definition, optional ones may be missing. */
  readonly positionals: readonly string[];
  readonly flags: FlagValues<F>;
}

/** What {@link defineCommand} takes. */
export interface CommandDefinition<F extends FlagDefinitions> {
  /** One word or two: `streams`, `config check`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Names of arguments, as help shows them; an optional one is written `[FILE]`. */
  readonly positionals?: readonly string[];
  readonly flags: F;
  /** More for `--help`: whole lines. */
  readonly notes?: string;
  /**
   * @returns the exit code; undefined = something runs on, and the process stays
   * @throws MediaError, whose message is all that a person is shown
   */
  run(call: Call<F>): Promise<number | undefined>;
}

/** A command of `sluice`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What `sluice NAME --help` prints. */
  readonly help: string;
  /**
   * Runs it with the arguments behind its name.
   * @throws MediaError ARGUMENT_INVALID, and what the command throws
   */
  execute(args: readonly string[], surroundings: Surroundings): Promise<number | undefined>;
}

/** Makes a command of the table in `table.ts`. */
export function defineCommand<const F extends FlagDefinitions>(definition: CommandDefinition<F>): Command {
  const { name, summary, positionals: names = [], flags } = definition;
  return {
    name,
    summary,
    help: helpOf(definition),
    async execute(args, surroundings) {
      const parsed = parse(name, args, flags, names.length > 0);
      const positionals = checkedPositionals(name, parsed.positionals, names);
      // Every name and type of these values was given to the parser.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return definition.run({ ...surroundings, positionals, flags: parsed.values as FlagValues<F> });
    },
  };
}

function parse(name: string, args: readonly string[], options: FlagDefinitions, allowPositionals: boolean) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's first sentence names the argument; the rest is advice for programs with positional ones.
    const sentence = message.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? message;
    throw new MediaError('ARGUMENT_INVALID', `${sentence}; sluice ${name} --help lists the flags.`, { cause: error });
  }
}

function checkedPositionals(name: string, given: readonly string[], names: readonly string[]): readonly string[] {
  const missing = names[given.length];
  if (missing !== undefined && !isOptional(missing)) throw new MediaError('ARGUMENT_INVALID', `sluice ${name} needs ${missing}; sluice ${name} --help says more.`);
  const tooMany = given[names.length];
  if (tooMany !== undefined) throw new MediaError('ARGUMENT_INVALID', `Unexpected argument '${tooMany}'; sluice ${name} --help says what it takes.`);
  return given;
}

function isOptional(name: string): boolean {
  return name.startsWith('[');
}

function helpOf<F extends FlagDefinitions>({ name, summary, positionals = [], flags, notes }: CommandDefinition<F>): string {
  const lines = Object.entries(flags).map(([flag, { short, value, help }]) => [`  ${short === undefined ? '' : `-${short}, `}--${flag}${value === undefined ? '' : ` <${value}>`}`, help] as const);
  const all = [...lines, ['  --help', 'print this'] as const];
  const width = Math.max(...all.map(([left]) => left.length));
  const usage = ['Usage: sluice', name, ...positionals, '[flags]'].join(' ');
  const flagLines = all.map(([left, help]) => `${left.padEnd(width)}  ${help}`);
  return `${[usage, '', `${summary}.`, '', ...flagLines, ...(notes === undefined ? [] : ['', notes])].join('\n')}\n`;
}
