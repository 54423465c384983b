import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { unwrap } from './setting-table.ts';

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/**
 * The value that a text of the environment, a flag or an ini file stands for, as the schema wants it. A text that is
 * none stays one, so that the schema says what was expected.
 */
export function readText(schema: z.core.$ZodType, text: string): unknown {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodBoolean) return WORDS.get(text.toLowerCase()) ?? text;
  if (bare instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (bare instanceof z.ZodArray) return readList(bare.element, text);
  if (bare instanceof z.ZodUnion) return readUnion(bare.options, text);
  if (bare instanceof z.ZodObject || bare instanceof z.ZodRecord || bare instanceof z.ZodUnknown) return readStructure(text);
  return text;
}

/** `a, b`, or a list in YAML or JSON. */
function readList(element: z.core.$ZodType, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) return readStructure(trimmed);
  return trimmed.split(',').map((item) => readText(element, item.trim()));
}

/** The first form that the text has. */
function readUnion(options: readonly z.core.$ZodType[], text: string): unknown {
  for (const option of options) {
    const value = readText(option, text);
    if (z.safeParse(option, value).success) return value;
  }
  return text;
}

/** `{ a: 1 }` in YAML or JSON. */
function readStructure(text: string): unknown {
  try {
    return parseYaml(text, { logLevel: 'error' });
  } catch {
    return text;
  }
}
