import { stringify } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../schema/server-config.ts';
import { metaOf, unwrap } from '../settings/setting-table.ts';
import { exampleValue } from './example-value.ts';

const HEAD = `# All settings of a Sluice server, with their defaults. Nothing here needs to be set.
# A setting behind #, without a space, has no default: its value is an example.
# Every one can be set by the environment too (http.port: SLUICE_HTTP_PORT) and by --set http.port=9000.
#
# sluice config check says what is wrong with a file, sluice config schema writes the schema that editors read:
# yaml-language-server: $schema=./sluice.schema.json`;

/** Names that the operator chooses, as an example. */
const PATTERN = 'live/*';

/** How much deeper a group is. */
const STEP = '  ';

/** A config file with every setting, its description and its default. `sluice.sample.yaml` is this. */
export function configSample(): string {
  return [HEAD, ...membersOf(configSchema, { indent: '', isActive: true })].join('\n');
}

interface Place {
  readonly indent: string;
  /** Whether the lines are settings; else they are behind a #. */
  readonly isActive: boolean;
}

function membersOf(schema: z.core.$ZodType, place: Place): readonly string[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodRecord) return linesOf(PATTERN, bare.valueType, { ...place, isActive: false });
  if (!(bare instanceof z.ZodObject)) return [];
  return Object.entries<z.core.$ZodType>(bare.shape).flatMap(([key, inner]) => linesOf(key, inner, place));
}

function linesOf(key: string, schema: z.core.$ZodType, place: Place): readonly string[] {
  const { description, default: told } = metaOf(schema);
  const documentation = [description, ...aboutItems(schema)].filter((line) => line !== undefined).map((line) => `${place.indent}# ${line}`);
  const gap = place.indent === '' ? [''] : [];
  if (hasMembers(schema)) {
    const isActive = place.isActive && !(schema instanceof z.ZodOptional);
    return [...gap, ...documentation, settingLine(`${stringify(key).trim()}:`, { ...place, isActive }), ...membersOf(schema, { indent: place.indent + STEP, isActive })];
  }
  const standard = defaultOf(schema) ?? told;
  const isActive = place.isActive && standard !== undefined;
  return [...gap, ...documentation, settingLine(`${key}: ${flow(standard ?? exampleValue(schema))}`, { ...place, isActive })];
}

function hasMembers(schema: z.core.$ZodType): boolean {
  const bare = unwrap(schema);
  return bare instanceof z.ZodObject || (bare instanceof z.ZodRecord && unwrap(bare.valueType) instanceof z.ZodObject);
}

function settingLine(text: string, { indent, isActive }: Place): string {
  return isActive ? indent + text : `${indent}#${text}`;
}

/** What the members of a list are made of. */
function aboutItems(schema: z.core.$ZodType): readonly string[] {
  const bare = unwrap(schema);
  const item = bare instanceof z.ZodArray ? unwrap(bare.element) : undefined;
  if (!(item instanceof z.ZodObject)) return [];
  return Object.entries<z.core.$ZodType>(item.shape).map(([key, inner]) => `- ${key}: ${metaOf(inner).description ?? ''}`);
}

function defaultOf(schema: z.core.$ZodType): unknown {
  return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
}

/** On one line. */
function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
