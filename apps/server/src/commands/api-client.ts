import { ERROR_CODES, type ErrorCode, MediaError } from '@sluice/core';
import { adminTokenFile, readAdminToken } from '../admin-token.ts';
import { isLoopback } from '../exposure.ts';
import type { FlagDefinitions, Surroundings } from './command.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';
const TIMEOUT_MS = 10_000;
/** Pages of one list; a server of ours has 1,000 rows on the longest. */
const MAX_PAGES = 1_000;

/** Flags of every command that talks to a running server. */
export const apiFlags = {
  url: { type: 'string', value: 'url', help: `where the server is (SLUICE_URL, default ${DEFAULT_URL})` },
  token: { type: 'string', value: 'text', help: 'its admin token (SLUICE_ADMIN_TOKEN, default the one that a server of this user has made, for a server on this machine)' },
  json: { type: 'boolean', help: 'print JSON, for scripts' },
} as const satisfies FlagDefinitions;

/** The management API of a running server. */
export interface ApiClient {
  /** @throws MediaError SERVER_UNREACHABLE, or the code that the server gives */
  get(path: string): Promise<unknown>;
  /** All pages of a list. */
  list(path: string): Promise<unknown[]>;
  delete(path: string): Promise<void>;
}

/** @throws MediaError ARGUMENT_INVALID */
export function apiClient({ url, token }: { readonly url?: string | undefined; readonly token?: string | undefined }, { env }: Pick<Surroundings, 'env'>): ApiClient {
  const base = baseOf(url ?? (env['SLUICE_URL'] || DEFAULT_URL));
  const given = token ?? (env['SLUICE_ADMIN_TOKEN'] || undefined);
  // Whoever answers elsewhere gets nothing that was not meant for it.
  const isHere = isLoopback(base.hostname.replaceAll(/[[\]]/g, ''));
  let kept: Promise<string | undefined> | undefined;

  async function headersOf(): Promise<Record<string, string>> {
    const secret = given ?? (isHere ? await (kept ??= readAdminToken(adminTokenFile(env))) : undefined);
    return secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
  }

  async function ask(target: URL, method = 'GET'): Promise<Response> {
    const headers = await headersOf();
    let response: Response;
    try {
      response = await fetch(target, { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new MediaError('SERVER_UNREACHABLE', `No Sluice server answers at ${base.origin} (${reasonOf(cause)}); start one, or say where it is with --url.`, { cause });
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  return {
    get: async (path) => jsonOf(await ask(new URL(path, base))),
    async list(path) {
      const rows: unknown[] = [];
      let pages = 0;
      for (let target: URL | undefined = new URL(path, base); target; pages += 1) {
        if (pages >= MAX_PAGES) throw new MediaError('SERVER_UNREACHABLE', `${base.origin} gives more than ${MAX_PAGES} pages, which no Sluice server does.`);
        const response: Response = await ask(target);
        const page = await jsonOf(response);
        if (Array.isArray(page)) rows.push(...page);
        const next: string | undefined = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
        target = next === undefined ? undefined : nextPage(next, target);
      }
      return rows;
    },
    delete: async (path) => void (await ask(new URL(path, base), 'DELETE')),
  };
}

/** The token goes nowhere else. */
function nextPage(link: string, page: URL): URL {
  const next = URL.parse(link, page);
  if (next?.origin === page.origin) return next;
  throw new MediaError('SERVER_UNREACHABLE', `The next page at ${page.origin} is on another server, which no Sluice server says.`);
}

function baseOf(url: string): URL {
  const parsed = URL.parse(url.endsWith('/') ? url : `${url}/`);
  if (parsed && /^https?:$/.test(parsed.protocol)) return new URL('api/v1/', parsed);
  throw new MediaError('ARGUMENT_INVALID', `--url must be an http or https URL, not "${url}".`);
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new MediaError('SERVER_UNREACHABLE', `What answers at ${new URL(response.url).origin} is no Sluice server: it sends no JSON.`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return String(cause);
}

/** The problem document (RFC 9457) in the words of the server. */
async function refusalOf(response: Response): Promise<MediaError> {
  const problem = problemOf(await response.text());
  // What a terminal obeys is left out.
  const detail = problem.detail?.replaceAll(/\p{Cc}/gu, '?') ?? `The server answered ${response.status} without saying why.`;
  const code = Object.keys(ERROR_CODES).find((known): known is ErrorCode => known === problem.code) ?? 'SERVER_UNREACHABLE';
  return new MediaError(code, code === 'UNAUTHORISED' ? `${detail} Give it with --token or SLUICE_ADMIN_TOKEN.` : detail);
}

function problemOf(text: string): { readonly detail?: string | undefined; readonly code?: string | undefined } {
  try {
    const { detail, code }: { detail?: unknown; code?: unknown } = JSON.parse(text);
    return { detail: typeof detail === 'string' ? detail : undefined, code: typeof code === 'string' ? code : undefined };
  } catch {
    // A proxy's page: the status says enough.
    return {};
  }
}
