import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Rolldown, build } from 'vite';
import { expect, test } from 'vitest';

const MAX_BYTES = 15_000;
const ENTRY = 'virtual:page';
const PACKAGE = fileURLToPath(new URL('../index.ts', import.meta.url));

/** What a bundler makes of a page's code. */
async function bundle(code: string): Promise<string> {
  const page = {
    name: 'page',
    resolveId: (id: string) => (id === '@sluice/client' ? PACKAGE : id === ENTRY ? id : undefined),
    load: (id: string) => (id === ENTRY ? code : undefined),
  };
  const built = await build({ configFile: false, logLevel: 'silent', plugins: [page], build: { write: false, minify: true, target: 'es2024', modulePreload: false, rolldownOptions: { input: ENTRY } } });
  const { output } = [built].flat()[0] as Rolldown.RolldownOutput;
  return output[0].code;
}

test('a page that imports Endpoint gets less than 15 KB of it, compressed, and nothing of the rest', async () => {
  const code = await bundle(`import { Endpoint } from '@sluice/client'; globalThis.endpoint = new Endpoint({ url: '/whep/live/a' });`);
  const bytes = gzipSync(code).byteLength;
  console.info(`import { Endpoint }: ${code.length} bytes, ${bytes} compressed`);
  expect(bytes).toBeGreaterThan(3_000);
  expect(bytes).toBeLessThan(MAX_BYTES);
  expect(code).not.toContain('WebSocket');
}, 60_000);

test('a page that imports the signalling alone gets no endpoint', async () => {
  const code = await bundle(`import { openSession } from '@sluice/client'; globalThis.open = openSession;`);
  expect(code).toContain('application/sdp');
  expect(code).not.toContain('createOffer');
}, 60_000);
