import { z } from 'zod';
import { configSchema } from '../schema/server-config.ts';

/** One setting of the schema; groups are none. */
export interface Setting {
  readonly path: readonly string[];
  /** `http.port` */
  readonly key: string;
  /** With what makes it optional. */
  readonly schema: z.core.$ZodType;
  readonly description: string;
  /** Also that of the part which has the setting; undefined = there is none. */
  readonly default: unknown;
  readonly isSecret: boolean;
  /** The innermost group around it that may be absent as a whole; undefined = there is none. */
  readonly optionalGroup: readonly string[] | undefined;
}

/** What the schema says of a setting beside its form. */
interface Meta {
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly secret?: boolean | undefined;
  readonly examples?: readonly unknown[] | undefined;
}

/** All settings of a group, in the order of the schema. */
export function listSettings(schema: z.core.$ZodType = configSchema, path: readonly string[] = [], around?: readonly string[]): readonly Setting[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) {
    const optionalGroup = schema instanceof z.ZodOptional ? path : around;
    return Object.entries<z.core.$ZodType>(bare.shape).flatMap(([key, inner]) => listSettings(inner, [...path, key], optionalGroup));
  }
  const { description = '', default: told, secret = false } = metaOf(schema);
  return [{ path, key: path.join('.'), schema, description, default: defaultOf(schema) ?? told, isSecret: secret, optionalGroup: around }];
}

/** The schema without what makes it optional. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

/** What is said of a schema, or of one that it wraps. */
export function metaOf(schema: z.core.$ZodType): Meta {
  const own: Meta = z.globalRegistry.get(schema) ?? {};
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? metaOf(schema.unwrap()) : {};
  return { ...inner, ...own };
}

function defaultOf(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault) return schema.def.defaultValue;
  return schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault ? defaultOf(schema.unwrap()) : undefined;
}

/** The schema of what stands at a path, also in lists and among names that the operator chooses; undefined = there is none. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const inner = schemaOfMember(unwrap(schema), step);
  return inner && schemaAt(inner, rest);
}

function schemaOfMember(bare: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (bare instanceof z.ZodArray) return bare.element;
  if (bare instanceof z.ZodRecord) return bare.valueType;
  if (bare instanceof z.ZodObject) return Object.hasOwn(bare.shape, step) ? bare.shape[String(step)] : undefined;
  if (bare instanceof z.ZodUnion) {
    const members = bare.options.map((option) => schemaOfMember(unwrap(option), step));
    return members.find((member) => member !== undefined);
  }
  return undefined;
}
