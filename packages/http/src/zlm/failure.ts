import { publicError } from '../errors/answers.ts';

/** An error as the ZLMediaKit API says it: HTTP 200 with `code` and `msg`. */
export function zlmFailure(error: unknown): Response {
  return Response.json(publicError(error).zlm);
}
