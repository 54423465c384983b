import type { SignallingResponse } from './http.ts';
import { SignallingError } from './signalling-error.ts';

/** The error for an answer that is a no, in the server's own words. */
export function refusal(response: SignallingResponse): SignallingError {
  const { status, headers } = response;
  const words = wordsOf(response);
  return new SignallingError('refused', `The server answered ${status}${words === '' ? '' : `: ${words}`}`, { status, words: words || undefined, retryAfterMs: retryAfterOf(headers) });
}

/** What the server says about it, for people: the detail of problem+json (RFC 9457), or a line of text. */
function wordsOf({ headers, body }: SignallingResponse): string {
  const type = headers.get('content-type') ?? '';
  const text = type.includes('json') ? detailOf(body) : type.startsWith('text/plain') ? body : '';
  return oneLine(text);
}

/** The first line of what a server says, fit to be shown. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return (text.split('\n', 1)[0] ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '').slice(0, 200);
}

function detailOf(body: string): string {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== 'object' || problem === null) return '';
    const { detail, title }: { detail?: unknown; title?: unknown } = problem;
    return [detail, title].find((words) => typeof words === 'string') ?? '';
  } catch {
    return '';
  }
}

/** Seconds or a date (RFC 9110 section 10.2.3). */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
