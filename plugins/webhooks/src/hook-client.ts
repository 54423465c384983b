import { type Clock, type Logger, MediaError } from '@sluice/core';
import { Agent, errors, request } from 'undici';
import { type HookAnswer, parseAnswer } from './answer.ts';
import type { ResolvedOptions } from './options.ts';

/** Statuses with which a proxy says that it could not reach the receiver. */
const GATEWAY_FAULTS: ReadonlySet<number> = new Set([502, 503, 504]);

/** One question to a URL. */
export interface Question {
  /** Stands in error messages, for example `on_publish`. */
  readonly hook: string;
  readonly url: URL;
  readonly body: object;
  /** Ends everything, pauses too: the manager's deadline, or the client is gone. */
  readonly signal: AbortSignal;
}

/** Asks URLs over kept connections. */
export interface HookClient {
  /** @throws MediaError HOOK_FAILED, HOOK_TIMEOUT, or the signal's reason */
  ask(question: Question): Promise<HookAnswer>;
  close(): Promise<void>;
}

/** What one attempt came to; a fault of the transport may be gone at the next one. */
type Attempt = { readonly body: string } | { readonly fault: MediaError };

/** Makes a client whose connections are its own. */
export function createHookClient(options: ResolvedOptions, clock: Clock, logger: Logger): HookClient {
  const agent = new Agent({
    connections: options.maxConnections,
    maxResponseSize: options.maxResponseBytes,
    connect: { timeout: options.timeoutMs },
    // The deadline of the attempt covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function attempt(question: Question): Promise<Attempt> {
    const deadline = new AbortController();
    const cancelDeadline = clock.setTimeout(() => deadline.abort(), options.timeoutMs);
    try {
      const response = await request(question.url, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(question.body),
        signal: AbortSignal.any([question.signal, deadline.signal]),
      });
      return attemptOf(question.hook, response.statusCode, await response.body.text());
    } catch (cause) {
      if (MediaError.is(cause)) throw cause;
      question.signal.throwIfAborted();
      if (deadline.signal.aborted) return { fault: timeoutError(question.hook, options.timeoutMs) };
      if (cause instanceof errors.ResponseExceededMaxSizeError) throw sizeError(question.hook, options.maxResponseBytes);
      return { fault: connectionError(question.hook, cause) };
    } finally {
      cancelDeadline();
    }
  }

  return {
    async ask(question) {
      question.signal.throwIfAborted();
      let outcome = await attempt(question);
      for (let left = options.retries; 'fault' in outcome && left > 0; left -= 1) {
        logger.warn({ hook: question.hook, url: withoutQuery(question.url) }, `${outcome.fault.message} Asking again.`);
        await pause(clock, options.retryDelayMs, question.signal);
        outcome = await attempt(question);
      }
      if ('fault' in outcome) throw outcome.fault;
      return parseAnswer(question.hook, outcome.body);
    },
    close: () => agent.destroy(),
  };
}

function attemptOf(hook: string, status: number, body: string): Attempt {
  if (status === 200) return { body };
  const error = new MediaError('HOOK_FAILED', `The ${hook} hook answered with HTTP ${status} instead of 200.`);
  if (GATEWAY_FAULTS.has(status)) return { fault: error };
  throw error;
}

function timeoutError(hook: string, timeoutMs: number): MediaError {
  return new MediaError('HOOK_TIMEOUT', `The ${hook} hook did not answer within ${timeoutMs} ms.`);
}

function sizeError(hook: string, maxBytes: number): MediaError {
  return new MediaError('HOOK_FAILED', `The ${hook} hook answered with more than ${maxBytes} bytes.`);
}

/** The address stays out of the message, which goes to clients; the log has it. */
function connectionError(hook: string, cause: unknown): MediaError {
  return new MediaError('HOOK_FAILED', `The ${hook} hook could not be reached, or broke off.`, { cause });
}

/** Queries of hook URLs hold secrets. */
function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    function abort(): void {
      cancel();
      reject(signal.reason);
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}
