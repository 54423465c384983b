import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { JWK } from 'jose';

/** How a JWKS server answers. */
export type Answering = (response: ServerResponse) => void;

/** A real HTTP server of a JWK set. */
export interface JwksServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: number;
  /** Answers this way from now on. */
  answer(answering: Answering): void;
}

export const jwks = (...keys: readonly JWK[]): Answering => (response) => void response.end(JSON.stringify({ keys }));
export const body = (content: string): Answering => (response) => void response.end(content);
export const status = (code: number, headers = {}): Answering => (response) => void response.writeHead(code, headers).end();
export const silence: Answering = () => undefined;
export const reset: Answering = (response) => void response.destroy();

/** Listens on a free port of this machine. */
export async function startJwksServer(first: Answering): Promise<JwksServer> {
  let answering = first;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    answering(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}/jwks.json?secret=hidden`,
    get asked() {
      return asked;
    },
    answer(next) {
      answering = next;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
