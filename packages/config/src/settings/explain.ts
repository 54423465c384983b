import { z } from 'zod';
import { configSchema } from '../schema/server-config.ts';
import type { Source } from '../source/source.ts';
import { nearest } from './nearest.ts';
import { metaOf, schemaAt, unwrap } from './setting-table.ts';
import { valueAt } from './tree.ts';

/** One sentence for each thing that is wrong. */
export function explainIssue(issue: z.core.$ZodIssue, value: unknown, placeOf: Source['placeOf']): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...issue.path, key], placeOf));
  // What is wrong with a name that the operator chose is said of the group that has it.
  if (issue.code === 'invalid_key') return [`${before(placeOf, issue.path)}${subject(placeOf, issue.path)} is no good name here: ${wordsOf(issue)}`];
  const found = isSecret(issue.path) ? 'the value given' : valueText(valueAt(value, issue.path));
  const what = issue.path.length === 0 ? 'the configuration' : subject(placeOf, issue.path);
  return [`${before(placeOf, issue.path)}${what} must be ${issue.message}, not ${found}.`];
}

function unknownKey(path: readonly PropertyKey[], placeOf: Source['placeOf']): string {
  const keys = keysAt(path.slice(0, -1));
  const meant = nearest(String(path.at(-1)), keys);
  const advice = meant === undefined ? `the settings here are ${keys.join(', ')}.` : `did you mean "${keyText([...path.slice(0, -1), meant])}"?`;
  return `${before(placeOf, path)}there is no setting "${keyText(path)}"; ${advice}`;
}

/** Nothing before a variable or flag: its name is the subject. */
function before(placeOf: Source['placeOf'], path: readonly PropertyKey[]): string {
  const { where } = placeOf(path);
  return isInFile(where) ? `${where}: ` : '';
}

function subject(placeOf: Source['placeOf'], path: readonly PropertyKey[]): string {
  const { where, name } = placeOf(path);
  return isInFile(where) ? `"${name ?? keyText(path)}"` : where;
}

function isInFile(where: string): boolean {
  return !where.startsWith('--') && !/^SLUICE_\w+$/.test(where);
}

/** A refusal of a name comes with the sentence of who refused it. */
function wordsOf(issue: z.core.$ZodIssueInvalidKey): string {
  return issue.issues[0]?.message ?? issue.message;
}

/** The keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(configSchema, path);
  return schema ? keysOf(unwrap(schema)) : [];
}

function keysOf(bare: z.core.$ZodType): readonly string[] {
  if (bare instanceof z.ZodObject) return Object.keys(bare.shape);
  return bare instanceof z.ZodUnion ? [...new Set(bare.options.flatMap((option) => keysOf(unwrap(option))))] : [];
}

/** Also of what stands in something secret. */
function isSecret(path: readonly PropertyKey[]): boolean {
  return path.some((_, index) => {
    const schema = schemaAt(configSchema, path.slice(0, index + 1));
    return schema !== undefined && metaOf(schema).secret === true;
  });
}

/** `http.iceServers[0].urls` */
export function keyText(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}

function valueText(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
