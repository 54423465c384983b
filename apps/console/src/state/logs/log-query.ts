import type { LogLevel } from '@sluice/client';
import type { LogRow } from './log-row.ts';

/** What of the logs is shown. */
export interface LogQuery {
  readonly levels: ReadonlySet<LogLevel>;
  /** Systems that are not shown. */
  readonly hidden: ReadonlySet<string>;
  /** As a person writes it: `timeout order=4711 target=db -health "two words"`. */
  readonly text: string;
}

type Condition = (row: LogRow) => boolean;

/** `name=value`, `name!=value`, `-word`, `"a phrase"`, or a word. */
const PART = /(-?)(?:([\w.@-]+)(!?=))?(?:"([^"]*)"|(\S+))/g;

/** Makes a test of what a person has asked for; all of its parts must hold. */
export function compileQuery({ levels, hidden, text }: LogQuery): Condition {
  const conditions = conditionsOf(text);
  return (row) => levels.has(row.entry.level) && !hidden.has(row.system) && conditions.every((condition) => condition(row));
}

/** Words of a query that stand in the shown lines, in small letters. */
export function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(PART)].filter(([, minus, name]) => minus === '' && name === undefined).map((part) => valueOf(part)).filter((word) => word !== '');
}

function conditionsOf(text: string): readonly Condition[] {
  return [...text.matchAll(PART)].map((part): Condition => {
    const [, minus, name, operator] = part;
    const isWanted = (minus === '') === (operator !== '!=');
    const value = valueOf(part);
    const condition: Condition = name === undefined ? ({ haystack }) => haystack.includes(value) : (row) => hasField(row, name, value);
    return (row) => condition(row) === isWanted;
  });
}

function valueOf([, , , , phrase, word]: readonly (string | undefined)[]): string {
  return (phrase ?? word ?? '').toLowerCase();
}

/** An empty value asks only whether there is such a field. */
function hasField(row: LogRow, name: string, value: string): boolean {
  const found = fieldOf(row, name);
  if (found === undefined) return false;
  return value === '' || value === '*' || textOf(found).toLowerCase() === value;
}

/** Parts of the entry by their names, and its fields by theirs, nested ones with dots. */
function fieldOf({ entry, system, producerId }: LogRow, name: string): unknown {
  switch (name) {
    case 'system':
      return system;
    case 'producer':
      return producerId;
    case 'level':
      return entry.level;
    case 'target':
      return entry.target;
    case 'trace':
      return entry.span?.trace_id;
    case 'span':
      return entry.span?.id;
    case 'parent':
      return entry.span?.parent_id;
    default:
      return nested(entry.fields, name);
  }
}

function nested(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const own: unknown = Reflect.get(value, path);
  if (own !== undefined) return own;
  const dot = path.indexOf('.');
  return dot < 0 ? undefined : nested(Reflect.get(value, path.slice(0, dot)), path.slice(dot + 1));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
