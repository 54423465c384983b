import { z } from 'zod';

/** Schemas with a name of their own in the OpenAPI document. */
export const namedSchemas = z.registry<{ id: string; description?: string }>();

/** An object of exactly these fields, under a name that the document shows. */
export function named<T extends z.ZodRawShape>(id: string, description: string, shape: T) {
  const schema = z.strictObject(shape);
  namedSchemas.add(schema, { id, description });
  return schema;
}

/** A list that nobody changes, as answers hold it. */
export function list<T extends z.ZodType>(element: T) {
  return z.array(element).readonly();
}

export const text = z.string();
export const count = z.int().min(0);
export const milliseconds = z.number().min(0);
export const port = z.int().min(0).max(65_535);

/** Wall clock, milliseconds since 1970. */
export const wallClock = z.number().describe('Wall clock, milliseconds since 1970.');

/** Counters by name of what was dropped or refused. */
export const countersByReason = z.record(text, z.number());
