import { z } from 'zod';
import { metaOf, schemaAt, unwrap } from './setting-table.ts';
import { isTree } from './tree.ts';

/** Stands for what nobody may see. */
const REDACTED = '***';

/** Options of plugins that others wrote have no schema here, so their names must say it. */
const SECRET_NAME = /secret|token|passw|credential|authorization|(?:^|[a-z_-])key$|^key$/i;

/** A value with everything secret in it replaced. */
export function redact(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (metaOf(schema).secret === true) return REDACTED;
  if (typeof value === 'string') return redactUrl(value);
  if (Array.isArray(value)) return value.map((item: unknown, index) => redact(memberOf(schema, index), item));
  if (!isTree(value)) return typeof value === 'object' || typeof value === 'function' ? describe(value) : value;
  const isForeign = unwrap(schema) instanceof z.ZodUnknown;
  const entries = Object.entries(value).map(([key, inner]) => [key, isForeign && SECRET_NAME.test(key) ? REDACTED : redact(memberOf(schema, key), inner)] as const);
  return Object.fromEntries(entries);
}

const unknown = z.unknown();

function memberOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType {
  return schemaAt(schema, [step]) ?? unknown;
}

/** The query of a URL and its user part often carry a secret. */
function redactUrl(text: string): string {
  if (!/^[a-z][\w+.-]*:\/\//i.test(text)) return text;
  return text.replace(/\/\/[^/?#]*@/, `//${REDACTED}@`).replace(/\?.*$/s, `?${REDACTED}`);
}

/** A plugin itself in a config file of JavaScript. */
function describe(value: object): string {
  return 'name' in value && typeof value.name === 'string' ? `[${value.name}]` : '[object]';
}
