import type { Logger } from '@sluice/core';
import type { Context, ErrorHandler } from 'hono';
import { credentialsOf } from '../request/credentials.ts';
import { requestIdOf } from '../request/request-id.ts';
import { publicError } from './answers.ts';

/** Answers everything a route throws in the form of its API, and tells the operator what is not the client's fault. */
export function errorHandler(logger: Logger, answer: (error: unknown) => Response): ErrorHandler {
  return (error, c) => {
    const { status, code } = publicError(error);
    if (status >= 500) logger.error({ err: error, code, requestId: requestIdOf(c) }, 'A request failed');
    return withReason(c, answer(error));
  };
}

/** RFC 6750 section 3.1: who has brought a token is told that it will not do, who has brought none is only asked for one. */
function withReason(c: Context, response: Response): Response {
  const { token } = credentialsOf(c.req.header('authorization'), c.req.query('token'));
  if (token !== undefined && response.status === 401 && response.headers.get('www-authenticate') === 'Bearer') {
    response.headers.set('WWW-Authenticate', 'Bearer error="invalid_token"');
  }
  return response;
}
