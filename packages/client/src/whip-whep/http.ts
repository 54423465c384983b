import { SignallingError } from './signalling-error.ts';

/** What a request needs beside itself. */
export interface HttpOptions {
  readonly fetch: typeof globalThis.fetch;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** Milliseconds, for one request with its body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Bytes of a body; a longer one is refused. */
  readonly maxBodyBytes: number;
}

/** A request of WHIP or WHEP. */
export interface SignallingRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Lets the request outlive the page that sends it. */
  readonly keepalive?: boolean | undefined;
}

/** A response with its body read. */
export interface SignallingResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Where it came from. */
  readonly url: URL;
}

/**
 * Sends one request. Redirects are given back, not followed, where the platform lets us see them; a browser follows them.
 * @throws SignallingError
 */
export async function send(request: SignallingRequest, options: HttpOptions): Promise<SignallingResponse> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const authorization: Record<string, string> = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  const init: RequestInit = {
    method: request.method,
    headers: { ...request.headers, ...authorization },
    redirect: isBrowser() ? 'follow' : 'manual',
    signal,
    ...(request.keepalive === true ? { keepalive: true } : {}),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
  try {
    // Called as a plain function: the browser's own insists on it.
    const { fetch } = options;
    const response = await fetch(request.url, init);
    const body = await readBody(response, options.maxBodyBytes);
    return { status: response.status, headers: response.headers, body, url: URL.parse(response.url) ?? request.url };
  } catch (error) {
    if (error instanceof SignallingError) throw error;
    if (options.signal?.aborted) throw new SignallingError('aborted', 'The request was given up.', { cause: error });
    if (timeout.aborted) throw new SignallingError('timeout', `The server did not answer within ${options.timeoutMs} ms.`, { cause: error });
    throw new SignallingError('network', `The server could not be reached: ${innermostWords(error)}.`, { cause: error });
  }
}

async function readBody(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw new SignallingError('answer', `The server's answer is larger than ${maxBytes} bytes.`, { status: response.status });
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

/** fetch hides what happened behind "fetch failed". */
function innermostWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return innermostWords(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return innermostWords(error.errors[0]);
  return error.message;
}

/** There a redirect that is not followed can only be seen to be one, not where it leads. */
function isBrowser(): boolean {
  return 'document' in globalThis || 'WorkerGlobalScope' in globalThis;
}
