import { ANSWER } from './fake-peer-connection.ts';

/** A request that came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly keepalive: boolean;
  readonly body: string;
}

/** What the server does to a request of that method: an answer, or a network failure. */
export type Reaction = (request: SeenRequest) => Response | Promise<Response>;

/** A server that is a function in the place of `fetch`. */
export class FakeServer {
  readonly seen: SeenRequest[] = [];
  readonly #reactions: Record<string, Reaction> = {
    POST: () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp', location: '/session/1', etag: '"a"' } }),
    PATCH: () => new Response(null, { status: 204 }),
    DELETE: () => new Response(null, { status: 200 }),
  };

  readonly fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const request: SeenRequest = {
      method: init.method ?? 'GET',
      path: new URL(url instanceof Request ? url.url : url).pathname,
      authorization: new Headers(init.headers).get('authorization'),
      keepalive: init.keepalive === true,
      body: typeof init.body === 'string' ? init.body : '',
    };
    this.seen.push(request);
    const reaction = this.#reactions[request.method];
    if (!reaction) throw new TypeError('fetch failed');
    init.signal?.throwIfAborted();
    return reaction(request);
  };

  on(method: 'POST' | 'PATCH' | 'DELETE', reaction: Reaction): void {
    this.#reactions[method] = reaction;
  }

  /** Answers offers with a status, as a server that is not well. */
  refuse(status: number, headers: Record<string, string> = {}): void {
    this.on('POST', () => new Response('no', { status, headers: { 'content-type': 'text/plain', ...headers } }));
  }

  unreachable(...methods: ('POST' | 'PATCH' | 'DELETE')[]): void {
    for (const method of methods) this.on(method, () => Promise.reject(new TypeError('fetch failed')));
  }

  methods(): string[] {
    return this.seen.map(({ method }) => method);
  }
}
