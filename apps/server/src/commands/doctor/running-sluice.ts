import { once } from 'node:events';
import { type IncomingMessage, get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import type { ServerConfig } from '@sluice/config';

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 16_384;

/** Whether what answers at the address of this configuration is a Sluice server: `ready`, or what keeps it from being so. */
export async function runningSluice({ host, port, tls }: ServerConfig['http']): Promise<string | undefined> {
  try {
    const answer: unknown = JSON.parse(await download(`${tls ? 'https' : 'http'}://${reachable(host)}:${port}/readyz`));
    if (!isReadiness(answer)) return undefined;
    const problems = Object.entries(answer.checks).filter(([, state]) => state !== 'ok');
    return problems.length === 0 ? 'ready' : problems.map(([name, state]) => `${name}: ${String(state)}`).join(', ');
  } catch {
    return undefined;
  }
}

/** Whatever its certificate, since nothing is told to it, and nothing that it says is acted upon. */
async function download(url: string): Promise<string> {
  const get = url.startsWith('https:') ? getHttps : getHttp;
  const request = get(url, { rejectUnauthorized: false, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const [response]: IncomingMessage[] = await once(request, 'response');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`${url} answers more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** Others answer `/readyz` too, but not with a check of a manager. */
function isReadiness(answer: unknown): answer is { readonly checks: object } {
  return typeof answer === 'object' && answer !== null && 'checks' in answer && typeof answer.checks === 'object' && answer.checks !== null && 'manager' in answer.checks;
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
