/** A message of a client, decoded as far as the relay must know it. */
export type Envelope = Readonly<Record<string, unknown>>;

/** Undefined when the text is not JSON, or not an object. */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isEnvelope(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The message without `target_id`, and with `from`. Everything else keeps its spelling: numbers of any length,
 * members that are there twice, and nesting of any depth would not survive being decoded and encoded again.
 * @param text a JSON object that {@link parseEnvelope} has accepted
 */
export function withSender(text: string, from: string): string {
  const kept = membersOf(text).filter((member) => !isReplaced(member));
  return `{${[...kept, `"from":${JSON.stringify(from)}`].join(',')}}`;
}

function isReplaced(member: string): boolean {
  const [key = '""'] = /^"(?:[^"\\]|\\.)*"/.exec(member) ?? [];
  const name: unknown = JSON.parse(key);
  return name === 'target_id' || name === 'from';
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
