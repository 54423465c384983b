/** A field of something parsed from JSON; undefined when it has none of that name. */
export function jsonField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** A field that is a text with something in it. */
export function jsonText(value: unknown, name: string): string | undefined {
  const field = jsonField(value, name);
  return typeof field === 'string' && field !== '' ? field : undefined;
}
