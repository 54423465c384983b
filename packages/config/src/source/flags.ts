import { nearest } from '../settings/nearest.ts';
import { readText } from '../settings/read-text.ts';
import { listSettings, schemaAt } from '../settings/setting-table.ts';
import { configSchema } from '../schema/server-config.ts';
import { type Tree, mergeTrees, treeOf } from '../settings/tree.ts';
import type { Source } from './source.ts';

/** Values of the command line, named as {@link flagOptions} names them. */
export interface Flags {
  readonly host?: string | undefined;
  readonly 'http-port'?: string | undefined;
  readonly 'rtc-port'?: string | undefined;
  readonly config?: string | undefined;
  readonly 'no-demo'?: boolean | undefined;
  /** `http.port=9000` */
  readonly set?: readonly string[] | undefined;
}

/** The flags in the form that `parseArgs` of `node:util` takes. */
export const flagOptions = {
  host: { type: 'string' },
  'http-port': { type: 'string' },
  'rtc-port': { type: 'string' },
  config: { type: 'string' },
  'no-demo': { type: 'boolean' },
  set: { type: 'string', multiple: true },
} as const;

interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As it is named to the operator. */
  readonly flag: string;
}

/** The settings of the command line; a named flag counts more than `--set`, and of one name the last. */
export function flagSource(flags: Flags): Source {
  const problems: string[] = [];
  const assignments = [...(flags.set ?? []).flatMap((text) => assignmentOf(text, problems)), ...namedAssignments(flags)];
  const value = assignments.reduce<Tree>((tree, { path, value: own }) => mergeTrees(tree, treeOf(path, own)), {});
  const placeOf: Source['placeOf'] = (path) => {
    const assignment = assignments.findLast(({ path: own }) => own.every((part, index) => part === String(path[index])));
    return { where: assignment?.flag ?? `--set ${path.join('.')}` };
  };
  return { kind: 'flag', value, placeOf, problems };
}

function namedAssignments({ host, 'http-port': httpPort, 'rtc-port': rtcPort, 'no-demo': noDemo }: Flags): Assignment[] {
  const texts = [
    { path: ['http', 'host'], text: host, flag: '--host' },
    { path: ['http', 'port'], text: httpPort, flag: '--http-port' },
    { path: ['rtc', 'port'], text: rtcPort, flag: '--rtc-port' },
  ];
  const given = texts.flatMap(({ path, text, flag }) => (text === undefined ? [] : [{ path, value: valueOf(path, text), flag }]));
  return noDemo === true ? [...given, { path: ['demo'], value: false, flag: '--no-demo' }] : given;
}

function assignmentOf(text: string, problems: string[]): Assignment[] {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals).trim();
  if (equals < 1) {
    problems.push(`--set wants key=value, for example --set http.port=9000, not "${text}".`);
    return [];
  }
  const path = pathOf(key);
  if (!path) {
    problems.push(unknownSetting(key));
    return [];
  }
  return [{ path, value: valueOf(path, text.slice(equals + 1)), flag: `--set ${key}` }];
}

/**
 * The path of a setting by its name with dots. Behind a group of names that the operator chooses the name may hold
 * dots itself: `paths.~^live/.*$.maxReaders`.
 */
function pathOf(key: string): readonly string[] | undefined {
  const setting = listSettings().find(({ key: own }) => key === own || key.startsWith(`${own}.`));
  if (!setting || setting.key === key) return setting?.path;
  const [name, member] = splitAtLastDot(key.slice(setting.key.length + 1));
  const candidates = member === undefined ? [[...setting.path, name]] : [[...setting.path, name, member], [...setting.path, `${name}.${member}`]];
  return candidates.find((path) => schemaAt(configSchema, path) !== undefined);
}

function splitAtLastDot(text: string): readonly [string, string | undefined] {
  const dot = text.lastIndexOf('.');
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

function valueOf(path: readonly string[], text: string): unknown {
  const schema = schemaAt(configSchema, path);
  return schema ? readText(schema, text) : text;
}

function unknownSetting(key: string): string {
  const meant = nearest(key, listSettings().map((setting) => setting.key));
  return `--set ${key}: there is no such setting; ${meant === undefined ? 'sluice config print lists them.' : `did you mean "${meant}"?`}`;
}

