import { jsonText } from './json.ts';

/** The server answered, and the answer was no. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** HTTP status; 0 when the ZLMediaKit API refused in its body. */
  readonly status: number;
  /** Error code of the server, for example `STREAM_BUSY`. */
  readonly code: string | undefined;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, details: { code?: string | undefined; retryAfter?: number | undefined } = {}) {
    super(message);
    this.status = status;
    this.code = details.code;
    this.retryAfter = details.retryAfter;
  }
}

/** Whether the server knows nothing of what was asked for. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RequestError && error.status === 404;
}

/** Whether the server wants the admin token, or another one. */
export function isDenied(error: unknown): boolean {
  return error instanceof RequestError && error.status === 401;
}

/** Reads the problem document (RFC 9457) of a failed answer. */
export async function requestErrorOf(response: Response): Promise<RequestError> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const problem = problemOf(await response.text().catch(() => ''));
  return new RequestError(response.status, problem.detail ?? response.statusText, {
    code: problem.code,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

function problemOf(body: string): { detail?: string | undefined; code?: string | undefined } {
  try {
    const problem: unknown = JSON.parse(body);
    return { detail: jsonText(problem, 'detail'), code: jsonText(problem, 'code') };
  } catch {
    // A proxy's page or nothing at all: the status says enough.
    return {};
  }
}
