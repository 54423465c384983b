import { STATUS_CODES } from 'node:http';
import { publicError } from './answers.ts';

/** What a problem document says. */
export interface Problem {
  readonly status: number;
  /** What happened, what was expected, what to do. */
  readonly detail: string;
  /** Machine-readable, one of the error codes. */
  readonly code?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An error answer in the form of RFC 9457. */
export function problemResponse({ status, detail, code, headers }: Problem): Response {
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code };
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/problem+json' } });
}

/** The problem document of anything thrown. */
export function problemOf(error: unknown): Response {
  const { status, message, code, headers } = publicError(error);
  return problemResponse({ status, detail: message, code, headers });
}

/** RFC 9110 section 15.5.6. */
export function methodNotAllowed(allowed: readonly string[]): Response {
  const allow = allowed.join(', ');
  return problemResponse({ status: 405, detail: `This resource takes ${allow}.`, headers: { Allow: allow } });
}

/** Said of paths that nobody serves. */
export function notFound(): Response {
  return problemResponse({ status: 404, detail: 'Nothing is served at this address.' });
}
