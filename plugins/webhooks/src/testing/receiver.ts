import { type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { text as readText } from 'node:stream/consumers';

/** A question or notification as it arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly raw: string;
  /** The same, parsed; hook bodies are objects. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** How a receiver treats one request. */
export type Answering = (response: ServerResponse, request: IncomingMessage, body: unknown) => void;

/** A hook receiver on a free port of the loopback. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Answers everything from now on in this way. */
  answer(answering: Answering): void;
  /** Lets nobody connect until `comeBack`. */
  die(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Starts a receiver that answers request n with the n-th of `answers`; the last one stays. */
export async function startReceiver(...answers: Answering[]): Promise<Receiver> {
  const received: Received[] = [];
  let instead: Answering | undefined;
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request;
    const raw = await readText(request);
    const body: Received['body'] = JSON.parse(raw);
    received.push({ method, url, headers, raw, body });
    const answering = instead ?? answers[Math.min(received.length, answers.length) - 1];
    answering?.(response, request, body);
  }
  const start = (): Server => createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  let server = start();
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer(answering) {
      instead = answering;
    },
    die: () => stop(server),
    async comeBack() {
      server = start();
      await listen(server, port);
    },
    [Symbol.asyncDispose]: () => stop(server),
  };
}

/** A URL that nobody listens on any more. */
export async function deadUrl(): Promise<string> {
  const server = createServer();
  const port = await listen(server, 0);
  await stop(server);
  return `http://127.0.0.1:${port}/hook`;
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

/** Writes for as long as anybody reads. */
export const endless: Answering = (response) => {
  const pump = (): void => {
    while (!response.destroyed && response.write('x'.repeat(10_000))) continue;
    if (!response.destroyed) response.once('drain', pump);
  };
  response.on('error', () => undefined);
  pump();
};

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return address.port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
