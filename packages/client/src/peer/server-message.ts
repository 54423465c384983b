import { isJsonObject, type JsonObject } from '../web-socket/json-object.ts';
import type { PeerEnvelope, PeerErrorBody } from './envelope.ts';
import { type ReceivedInput, decodeInput } from './input-event.ts';

/** What the server says when it takes a peer. */
export interface Welcome {
  /** Milliseconds between two pings; undefined when the server says nothing of it. */
  readonly heartbeatIntervalMs: number | undefined;
  /** The sessions of the connection that was lost go on. */
  readonly resumed: boolean;
  /** What a later hello brings to get them back. */
  readonly resumeToken: string | undefined;
  /** All that the server said. */
  readonly data: JsonObject;
}

/** A candidate of the server. */
export interface RemoteCandidate {
  /** Empty at the end of candidates. */
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment?: string;
}

/** What comes from a server, by its meaning. */
export type ServerMessage =
  | { readonly kind: 'welcome'; readonly welcome: Welcome }
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string; readonly sessionId: string | undefined }
  | { readonly kind: 'ice-candidate'; readonly candidate: RemoteCandidate; readonly sessionId: string | undefined }
  | { readonly kind: 'pong'; readonly sequence: number | undefined }
  | { readonly kind: 'stats'; readonly stats: JsonObject }
  | { readonly kind: 'input'; readonly input: ReceivedInput }
  | { readonly kind: 'error'; readonly error: PeerErrorBody; readonly sessionId: string | undefined }
  | { readonly kind: 'other' };

/** What an envelope means, or why it means nothing. */
export function decodeServerMessage({ type, data, error }: PeerEnvelope): ServerMessage | string {
  const sessionId = typeof data['session_id'] === 'string' ? data['session_id'] : undefined;
  switch (type) {
    case 'error':
      return error ? { kind: 'error', error, sessionId } : 'The error says nothing.';
    case 'welcome':
      return decodeWelcome(data);
    case 'offer':
    case 'answer':
      return decodeDescription(type, data['sdp'], sessionId);
    case 'ice-candidate':
      return decodeCandidate(data['candidate'], sessionId);
    case 'pong':
      return { kind: 'pong', sequence: typeof data['sequence'] === 'number' ? data['sequence'] : undefined };
    case 'stats':
      return { kind: 'stats', stats: data };
    case 'mouse-click':
    case 'mouse-move':
    case 'key-press':
      return decodeInputOf(type, data);
    default:
      return { kind: 'other' };
  }
}

function decodeWelcome(data: JsonObject): ServerMessage | string {
  const config = data['session_config'];
  if (!isJsonObject(config)) return 'The welcome has no session_config.';
  const interval = config['heartbeat_interval'];
  if (interval !== undefined && (typeof interval !== 'number' || !(interval > 0))) return 'heartbeat_interval is no positive number.';
  const token = data['resume_token'];
  return { kind: 'welcome', welcome: { heartbeatIntervalMs: interval, resumed: data['resumed'] === true, resumeToken: typeof token === 'string' ? token : undefined, data } };
}

function decodeDescription(kind: 'offer' | 'answer', description: unknown, sessionId: string | undefined): ServerMessage | string {
  if (!isJsonObject(description) || description['type'] !== kind || typeof description['sdp'] !== 'string') return `The ${kind} has no sdp {type: "${kind}", sdp}.`;
  return { kind, sdp: description['sdp'], sessionId };
}

function decodeCandidate(value: unknown, sessionId: string | undefined): ServerMessage | string {
  if (!isJsonObject(value)) return 'The ice-candidate has no candidate {candidate, sdpMid, sdpMLineIndex}.';
  const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment } = value;
  if (typeof candidate !== 'string') return 'The candidate is no text.';
  if (sdpMid !== null && typeof sdpMid !== 'string') return 'sdpMid is no text.';
  if (sdpMLineIndex !== null && typeof sdpMLineIndex !== 'number') return 'sdpMLineIndex is no number.';
  return {
    kind: 'ice-candidate',
    candidate: { candidate, sdpMid, sdpMLineIndex, ...(typeof usernameFragment === 'string' ? { usernameFragment } : {}) },
    sessionId,
  };
}

function decodeInputOf(type: string, data: JsonObject): ServerMessage | string {
  const input = decodeInput(type, data);
  return input ? { kind: 'input', input } : `The ${type} is none.`;
}
