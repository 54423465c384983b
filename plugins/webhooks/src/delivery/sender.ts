import { type Clock, ForbiddenAddressError, MediaError, type TraceContext, withDeadline } from '@sluice/core';
import { Agent, type Dispatcher, errors, request } from 'undici';
import type { TargetSettings } from '../options/options.ts';
import { guardedConnector } from './guarded-connector.ts';
import { createSigner } from './signature.ts';

/** What is sent to a URL; a further attempt sends the same. */
export interface Message {
  /** Tells the receiver that two attempts are one message. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  readonly trace?: TraceContext | undefined;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  /** Empty when it was not asked for. */
  readonly body: string;
  /** What `Retry-After` asks for, milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** One attempt: a reply, or a fault of the transport, which may be gone at the next one. */
export type Attempt = { readonly reply: Reply } | { readonly fault: MediaError };

export interface SendOptions {
  /** Gives the attempt up. */
  readonly signal: AbortSignal;
  /** Whether the body of the reply is read. */
  readonly readsBody: boolean;
}

/** Sends to one URL over kept connections. Redirects are not followed. */
export interface Sender {
  /** @throws MediaError HOOK_FAILED when the reply cannot be taken or the address is forbidden, or the reason of the signal */
  send(message: Message, options: SendOptions): Promise<Attempt>;
  /** Lets what is under way end, and closes the connections. */
  close(): Promise<void>;
  /** Breaks off what is under way. */
  destroy(): Promise<void>;
}

export function createSender(hook: string, settings: TargetSettings, clock: Clock): Sender {
  const { url, timeoutMs, maxResponseBytes } = settings;
  const authorization = basicAuthorization(url);
  const signer = createSigner(settings.secret);
  const agent = createAgent(settings);

  const expired = (): MediaError => new MediaError('HOOK_TIMEOUT', `The ${hook} hook did not answer within ${timeoutMs} ms.`);

  async function post(message: Message, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { trace } = message;
    const sentAt = new Date(clock.now());
    const signature = signer.sign(message.id, sentAt, message.body);
    return request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        'webhook-id': message.id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        ...(signature === undefined ? {} : { 'webhook-signature': signature }),
        ...(trace ? { traceparent: trace.traceparent } : {}),
        ...(trace?.tracestate ? { tracestate: trace.tracestate } : {}),
      },
      body: message.body,
      signal,
    });
  }

  return {
    async send(message, { signal, readsBody }) {
      try {
        const reply = await withDeadline(clock, { ms: timeoutMs, expired, signal }, async (own) => {
          const response = await post(message, own);
          return replyOf(response, readsBody ? await response.body.text() : await dump(response, maxResponseBytes));
        });
        return { reply };
      } catch (cause) {
        signal.throwIfAborted();
        return faultOf(hook, settings, cause);
      }
    },
    close: () => agent.close(),
    destroy: () => agent.destroy(),
  };
}

/** User and password of the URL (RFC 7617), which HTTP does not send by itself. */
function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function createAgent({ timeoutMs, maxConnections, maxResponseBytes, denyPrivateAddresses }: TargetSettings): Agent {
  const connect = { timeout: timeoutMs };
  return new Agent({
    connections: maxConnections,
    maxResponseSize: maxResponseBytes,
    connect: denyPrivateAddresses ? guardedConnector(connect) : connect,
    // The deadline of the attempt covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** The status has said everything, so a body that is too long or breaks off does no harm. */
async function dump({ body }: Dispatcher.ResponseData, limit: number): Promise<string> {
  await body.dump({ limit }).catch(() => undefined);
  return '';
}

function replyOf({ statusCode, headers }: Dispatcher.ResponseData, body: string): Reply {
  const seconds = Number(headers['retry-after']);
  return { status: statusCode, body, retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
}

/** The address stays out of the messages, which go to clients; the log has it. */
function faultOf(hook: string, { maxResponseBytes }: TargetSettings, cause: unknown): Attempt {
  if (MediaError.is(cause)) return { fault: cause };
  if (cause instanceof errors.ResponseExceededMaxSizeError) {
    throw new MediaError('HOOK_FAILED', `The ${hook} hook answered with more than ${maxResponseBytes} bytes.`);
  }
  if (cause instanceof ForbiddenAddressError) {
    throw new MediaError('HOOK_FAILED', `The ${hook} hook is at an address that must not be asked.`, { cause });
  }
  return { fault: new MediaError('HOOK_FAILED', `The ${hook} hook could not be reached, or broke off.`, { cause }) };
}
