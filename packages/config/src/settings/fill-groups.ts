import { z } from 'zod';
import { configSchema } from '../schema/server-config.ts';
import { unwrap } from './setting-table.ts';
import { isTree } from './tree.ts';

/** A group whose settings are all commented out is null in YAML; it means the same as one that is not there. */
export function fillGroups(value: unknown, schema: z.core.$ZodType = configSchema): unknown {
  const bare = unwrap(schema);
  if (!(bare instanceof z.ZodObject) || !isTree(value)) return value;
  const shape: Readonly<Record<string, z.core.$ZodType>> = bare.shape;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (inner === null && known && isGroup(unwrap(known))) return [];
    return [[key, known ? fillGroups(inner, known) : inner] as const];
  });
  return Object.fromEntries(entries);
}

function isGroup(bare: z.core.$ZodType): boolean {
  return bare instanceof z.ZodObject || bare instanceof z.ZodRecord || bare instanceof z.ZodArray;
}
