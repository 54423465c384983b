import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Rolldown, build } from 'vite';

const PAGE = '<!doctype html><meta charset="utf-8"><title>test page</title><script type="module" src="/peer.js"></script>';

const TEST_PEER = new URL('../page/peer.ts', import.meta.url);

/**
 * Serves the test page from an origin that is not the server's, so that CORS is really exercised.
 * @param file with the page's script, in TypeScript
 */
export async function servePage(file = TEST_PEER): Promise<{ readonly url: string; close(): Promise<void> }> {
  const script = await bundle(file);
  const server = createServer((request, response) => {
    const isScript = request.url === '/peer.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : PAGE);
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    // getUserMedia needs a secure context, which localhost is; the server's own origin is 127.0.0.1.
    url: `http://localhost:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The script with what it imports. */
async function bundle(file: URL): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, target: 'es2024', modulePreload: false, rolldownOptions: { input: fileURLToPath(file) } },
  });
  const { output } = [built].flat()[0] as Rolldown.RolldownOutput;
  return output[0].code;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', resolve);
  });
}
