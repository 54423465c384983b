import { isJsonObject, type JsonObject, parseJsonObject } from '../web-socket/json-object.ts';

/** A peer's own name. It comes back with the type that it was sent with. */
export type PeerId = string | number;

/** A message of the server, of whatever type. */
export interface PeerEnvelope {
  readonly type: string;
  readonly peerId: PeerId;
  readonly messageId: string | number;
  /** Wall clock of the sender, whole milliseconds. */
  readonly timestamp: number;
  /** Empty when there is none. */
  readonly data: JsonObject;
  readonly error: PeerErrorBody | undefined;
}

/** What a server says of something that went wrong. */
export interface PeerErrorBody {
  readonly code: string;
  /** A sentence for a person. */
  readonly message: string;
  readonly details: string | undefined;
}

/** The envelope of a text, or why it is none. */
export function decodeEnvelope(text: string): PeerEnvelope | string {
  const value = parseJsonObject(text);
  if (!value) return 'It is not a JSON object.';
  const { type, peer_id: peerId, message_id: messageId, timestamp, data = {}, error } = value;
  if (typeof type !== 'string' || type === '') return 'Its type is no text.';
  if (!isId(peerId)) return 'Its peer_id is neither text nor number.';
  if (!isId(messageId)) return 'Its message_id is neither text nor number.';
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp)) return 'Its timestamp is no integer.';
  if (!isJsonObject(data)) return 'Its data is no object.';
  const decodedError = error === undefined ? undefined : decodeError(error);
  if (decodedError === null) return 'Its error is not {code, message, details?} of texts.';
  return { type, peerId, messageId, timestamp, data, error: decodedError };
}

function decodeError(error: unknown): PeerErrorBody | null {
  if (!isJsonObject(error)) return null;
  const { code, message, details } = error;
  if (typeof code !== 'string' || typeof message !== 'string') return null;
  return details === undefined || typeof details === 'string' ? { code, message, details } : null;
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
