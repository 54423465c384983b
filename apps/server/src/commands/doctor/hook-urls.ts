import type { ServerConfig } from '@sluice/config';
import { type Finding, ok, problem, warning } from './finding.ts';

const TIMEOUT_MS = 3_000;
/** Tokens and signatures are good for a minute or so. */
const MAX_SKEW_MS = 10_000;

/** Whether the URLs of the hooks answer at all, and whether their clock is ours. Asks with HEAD, so that nobody takes it for a hook. */
export async function checkHookUrls({ hooks }: ServerConfig): Promise<readonly Finding[]> {
  const urls = new Set(Object.entries(hooks).flatMap(([name, value]) => (/^on[A-Z]/.test(name) && name !== 'onError' ? urlsIn(value) : [])));
  if (urls.size === 0) return [ok('hook URLs', 'None is configured.')];
  return (await Promise.all(Array.from(urls, check))).flat();
}

async function check(url: string): Promise<readonly Finding[]> {
  const shown = new URL(url);
  const name = `${shown.origin}${shown.pathname}`;
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return [ok('hook URLs', `${name} answers (${response.status}).`), ...clockFindings(name, response.headers.get('date'))];
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = cause instanceof Error ? ('code' in cause && typeof cause.code === 'string' ? cause.code : cause.message) : String(cause);
    return [problem('hook URLs', `${name} does not answer within ${TIMEOUT_MS} ms (${reason}): what it decides is refused or allowed as hooks.onError says.`)];
  }
}

function clockFindings(name: string, date: string | null): readonly Finding[] {
  const skew = Date.now() - Date.parse(date ?? '');
  if (Number.isNaN(skew) || Math.abs(skew) < MAX_SKEW_MS) return [];
  const words = `${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'}`;
  return [warning('clock', `This machine's clock is ${words} that of ${name}: tokens and signatures may be refused. Let both follow NTP.`)];
}

/** A URL, an object with one, or a list of these. */
function urlsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(urlsIn);
  if (typeof value === 'object' && value !== null && 'url' in value) return urlsIn(value.url);
  return [];
}
