/** How a request to the management API differs from a plain GET. */
export interface AdminRequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request; without one it has five seconds. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the management API in the name of the administrator.
 * @param path relative to the page, so that it holds behind a prefix: `api/v1/hooks`
 * @throws RequestError when the server refuses, TypeError or a TimeoutError when it does not answer
 */
export type AdminRequest = (path: string, options?: AdminRequestOptions) => Promise<Response>;
