import { z } from 'zod';
import { nearest } from './nearest.ts';

/** One sentence about the first thing that is wrong in a config file. */
export function explainIssue(options: {
  readonly issue: z.core.$ZodIssue;
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly file: string;
}): string {
  const { issue, schema, value, file } = options;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return `${file}: there is no setting "${keyText([...issue.path, key])}"; ${whatElse(key, issue.path, schema)}`;
  }
  const found = valueAt(value, issue.path);
  if (issue.path.length === 0) return `${file}: the configuration must be ${issue.message}, not ${valueText(found)}.`;
  return `${file}: "${keyText(issue.path)}" must be ${issue.message}, not ${valueText(found)}.`;
}

function whatElse(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const keys = keysAt(schema, path);
  const meant = nearest(key, keys);
  return meant === undefined ? `the settings here are ${keys.join(', ')}.` : `did you mean "${keyText([...path, meant])}"?`;
}

/** The keys that the schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray) return keysAt(bare.element, path.slice(1));
  if (!(bare instanceof z.ZodObject)) return [];
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(bare.shape);
  const inner: z.core.$ZodType | undefined = bare.shape[String(key)];
  return inner === undefined ? [] : keysAt(inner, rest);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? unwrap(schema.unwrap()) : schema;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `http.iceServers[0].urls` */
function keyText(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}

function valueText(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
