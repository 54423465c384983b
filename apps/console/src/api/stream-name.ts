/** Which stream, as a person writes it: `live/demo`, with a query for access checks when one is needed. */
export interface StreamName {
  readonly app: string;
  readonly stream: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
}

/** Reads `app/stream` or `app/stream?key=value`; undefined when it is neither. */
export function parseStreamName(text: string): StreamName | undefined {
  const [path = '', ...rest] = text.trim().split('?');
  const [app, stream, ...more] = path.replace(/^\//, '').split('/');
  if (!app || !stream || more.length > 0) return undefined;
  // A URL cannot hold them, not even escaped: they mean "this folder" and "the one above".
  if ([app, stream].some((part) => part === '.' || part === '..')) return undefined;
  return { app, stream, query: rest.join('?') };
}

/** `app/stream`, without the query, which may hold a secret. */
export function streamNameText(name: Pick<StreamName, 'app' | 'stream'>): string {
  return `${name.app}/${name.stream}`;
}
