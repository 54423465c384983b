import { jsonField, jsonText } from './json.ts';
import type { RemoteSocket, ServerSession } from './server-sessions.ts';
import type { SseMessage } from './sse-parser.ts';

/** Who an event is about. */
interface SessionFields extends Pick<ServerSession, 'role' | 'type' | 'stream' | 'protocol'> {
  readonly sessionId: string;
  readonly client: RemoteSocket;
}

/** What the server tells when it happens. `at` is its wall clock, milliseconds. */
export type ServerEvent = { readonly at: number } & (
  | { readonly type: 'stream-changed'; readonly data: { readonly stream: { readonly app: string; readonly stream: string }; readonly live: boolean } }
  | { readonly type: 'session-opened'; readonly data: SessionFields }
  | { readonly type: 'session-state'; readonly data: SessionFields & { readonly state: 'connected' | 'disconnected' } }
  | {
      readonly type: 'session-closed';
      readonly data: SessionFields & { readonly reason: string; readonly durationMs: number; readonly bytesReceived: number; readonly bytesSent: number };
    }
  /** What happened while this page was away is not known any more. */
  | { readonly type: 'missed'; readonly data: object }
);

export type ServerEventType = ServerEvent['type'];

/** Reads what came; undefined for what this page does not know. */
export function serverEventOf({ type, data: text }: SseMessage): ServerEvent | undefined {
  const data = parsed(text);
  const at = jsonField(data, 'at');
  const isKnown = typeof at === 'number' && isDataOf(type, data);
  // The fields that the words need were looked at; the rest comes from our own server.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return isKnown ? ({ type, at, data } as ServerEvent) : undefined;
}

function isDataOf(type: string, data: unknown): boolean {
  if (type === 'missed') return true;
  if (type === 'stream-changed') return jsonText(jsonField(data, 'stream'), 'stream') !== undefined;
  const isOfSession = type === 'session-opened' || type === 'session-state' || type === 'session-closed';
  return isOfSession && jsonText(data, 'sessionId') !== undefined && jsonText(jsonField(data, 'client'), 'address') !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off, or from something else: what is not understood is left out.
    return undefined;
  }
}
