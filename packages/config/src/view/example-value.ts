import { z } from 'zod';
import { metaOf, unwrap } from '../settings/setting-table.ts';

/** Stands for a secret: one that works must never be copied from a sample. */
export const NO_SECRET = 'replace-with-a-secret';

/**
 * A value that a setting takes: its own example, or one of its kind.
 * @throws Error when the schema does not take it; the setting wants `.meta({ examples: […] })`
 */
export function exampleValue(schema: z.core.$ZodType): unknown {
  if (metaOf(schema).secret === true) return NO_SECRET;
  const value = metaOf(schema).examples?.[0] ?? exampleOfKind(unwrap(schema));
  const { success, error } = z.safeParse(schema, value);
  if (!success) throw new Error(`An example is missing for "${metaOf(schema).description ?? ''}": ${JSON.stringify(value)} is refused`, { cause: error });
  return value;
}

function exampleOfKind(bare: z.core.$ZodType): unknown {
  if (bare instanceof z.ZodBoolean) return true;
  if (bare instanceof z.ZodNumber) return Math.max(1, bare.minValue ?? 1);
  if (bare instanceof z.ZodEnum) return bare.options[0];
  if (bare instanceof z.ZodLiteral) return bare.value;
  if (bare instanceof z.ZodURL) return 'https://example.org/';
  if (bare instanceof z.ZodIPv4) return '192.0.2.1';
  if (bare instanceof z.ZodString) return 'example'.padEnd(bare.minLength ?? 0, '-');
  if (bare instanceof z.ZodArray) return [exampleValue(bare.element)];
  if (bare instanceof z.ZodUnion) return bare.options[0] && exampleValue(bare.options[0]);
  if (bare instanceof z.ZodRecord) return {};
  if (bare instanceof z.ZodObject) return Object.fromEntries(requiredOf(bare).map(([key, inner]) => [key, exampleValue(inner)]));
  return 'example';
}

function requiredOf(bare: z.ZodObject): readonly (readonly [string, z.core.$ZodType])[] {
  return Object.entries(bare.shape).filter(([, inner]) => !(inner instanceof z.ZodOptional));
}
