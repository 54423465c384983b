/** One line of a WebSocket exchange. */
export interface WireLine {
  readonly client: string;
  readonly sent: boolean;
  /** JSON. */
  readonly text: string;
}

/** A request, and the response that a page promises for it. */
export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly expectedHeaders: Readonly<Record<string, string>>;
  readonly expectedBody: string;
}

/** Reads `client > sent` and `client < received`. @throws Error at a line of another form */
export function wireLines(code: string): WireLine[] {
  return code.trim().split('\n').map((line) => {
    const [, client, direction, text] = /^(\w+) ([<>]) (\{.*\})$/.exec(line) ?? [];
    if (client === undefined || text === undefined) throw new Error(`This is no line of an exchange: ${line}`);
    return { client, sent: direction === '>', text };
  });
}

/** Reads a request and a response, as they stand in a message of HTTP/1.1 (RFC 9112). @throws Error without a response */
export function httpExchange(code: string): HttpExchange {
  const [request = '', response] = code.split(/^(?=HTTP\/1\.1 )/m);
  if (response === undefined) throw new Error(`There is no response: ${code}`);
  const asked = messageOf(request);
  const answered = messageOf(response);
  const [method = '', path = ''] = asked.start.split(' ');
  const status = Number(answered.start.split(' ')[1]);
  return { method, path, headers: asked.headers, body: asked.body, status, expectedHeaders: answered.headers, expectedBody: answered.body };
}

/** Whether a value is what a page shows: `…` in a text stands for anything, and an object may have more fields. */
export function isAsShown(value: unknown, shown: unknown): boolean {
  if (typeof shown === 'string') return typeof value === 'string' && patternOf(shown).test(value);
  if (Array.isArray(shown)) return Array.isArray(value) && value.length === shown.length && shown.every((entry, index) => isAsShown(value[index], entry));
  if (typeof shown !== 'object' || shown === null) return value === shown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Object.entries(shown).every(([name, entry]) => isAsShown(fields.get(name), entry));
}

function patternOf(shown: string): RegExp {
  const escaped = shown.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('…', '[^]+')}$`);
}

function messageOf(text: string): { readonly start: string; readonly headers: Record<string, string>; readonly body: string } {
  const [head = '', ...body] = text.trim().split('\n\n');
  const [start = '', ...lines] = head.split('\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { start, headers, body: body.join('\n\n') };
}
