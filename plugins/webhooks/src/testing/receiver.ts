import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { json as readJson } from 'node:stream/consumers';

/** A question as it arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** How a receiver treats one request. */
export type Answering = (response: ServerResponse, request: IncomingMessage) => void;

/** A hook receiver on a free port of the loopback. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
}

/** Starts a receiver that answers request n with the n-th of `answers`; the last one stays. */
export async function startReceiver(...answers: Answering[]): Promise<Receiver> {
  const received: Received[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request;
    received.push({ method, url, contentType: headers['content-type'], body: await readJson(request) });
    answers[Math.min(received.length, answers.length) - 1]?.(response, request);
  }
  const server = createServer((request, response) => void take(request, response));
  return { url: await listen(server), received, [Symbol.asyncDispose]: () => stop(server) };
}

/** A URL that nobody listens on any more. */
export async function deadUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await stop(server);
  return url;
}

/** Answers with HTTP 200 and JSON. */
export function json(body: unknown): Answering {
  return (response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
}

/** Answers with a status, and a body that would allow. */
export function status(code: number, headers: Record<string, string> = {}): Answering {
  return (response) => {
    response.writeHead(code, headers).end('{"code":0}');
  };
}

/** Answers with HTTP 200 and text as it is. */
export function text(body: string): Answering {
  return (response) => {
    response.end(body);
  };
}

/** Breaks the connection off. */
export const reset: Answering = (_response, request) => {
  request.socket.resetAndDestroy();
};

/** Never answers. */
export const silence: Answering = () => undefined;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return `http://127.0.0.1:${address.port}/hook`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
