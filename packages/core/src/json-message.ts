/** A message of a client whose members nobody has checked yet. */
export type JsonMessage = Readonly<Record<string, unknown>>;

/** Undefined when the text is not JSON, or not an object. */
export function parseJsonMessage(text: string): JsonMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Ids and types as people can read them in a log. */
const PRINTABLE = /^\P{C}{1,128}$/u;

/** Whether it is a text that a log can show: 1 to 128 printable characters. */
export function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && PRINTABLE.test(value);
}

/** An object, and no array. */
export function isJsonObject(value: unknown): value is JsonMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The message with `from`, and without the members of `removed`. Everything else keeps its spelling: numbers of any length,
 * members that are there twice, and nesting of any depth would not survive being decoded and encoded again.
 * @param text a JSON object that {@link parseJsonMessage} has accepted
 */
export function withSender(text: string, from: string, removed: readonly string[] = []): string {
  const kept = membersOf(text).filter((member) => ![...removed, 'from'].includes(nameOf(member)));
  return `{${[...kept, `"from":${JSON.stringify(from)}`].join(',')}}`;
}

function nameOf(member: string): string {
  const [key = '""'] = /^"(?:[^"\\]|\\.)*"/.exec(member) ?? [];
  return String(JSON.parse(key));
}

/** The members of an object in JSON, as they are written. */
function membersOf(text: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let start = text.indexOf('{') + 1;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (depth === 0 && (char === ',' || char === '}')) {
      members.push(text.slice(start, at).trim());
      start = at + 1;
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
  }
  return members.filter((member) => member !== '');
}

/** Where the quote is that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}
