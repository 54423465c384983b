import type { Logger } from '@sluice/core';
import type { ErrorHandler } from 'hono';
import { publicError } from './answers.ts';

/** Answers everything a route throws in the form of its API, and tells the operator what is not the client's fault. */
export function errorHandler(logger: Logger, answer: (error: unknown) => Response): ErrorHandler {
  return (error) => {
    const { status, code } = publicError(error);
    if (status >= 500) logger.error({ err: error, code }, 'A request failed');
    return answer(error);
  };
}
