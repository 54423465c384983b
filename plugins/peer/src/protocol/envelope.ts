import { isJsonObject, isPrintable, parseJsonMessage } from '@sluice/core';
import { PeerError } from './errors.ts';
import { type Fields, isAbsent } from './fields.ts';

/** Scalars that a client sends and gets back as they are. */
export type Scalar = string | number;

/** A message of a client, of whatever type. */
export interface Envelope {
  readonly type: string;
  /** With the JSON type that the client gave it; undefined when it cannot be one. */
  readonly peerId: Scalar | undefined;
  readonly messageId: Scalar | undefined;
  /** Milliseconds or seconds, as the client has it. */
  readonly timestamp: Scalar | undefined;
  /** Undefined when it is no object. */
  readonly data: Fields | undefined;
}

/** What the server writes. */
export interface OutgoingEnvelope {
  readonly type: string;
  readonly peer_id: Scalar;
  readonly message_id: Scalar;
  /** Wall clock, whole milliseconds. */
  readonly timestamp: number;
  readonly data?: object | undefined;
  readonly error?: object | undefined;
}

/** @throws PeerError MESSAGE_MALFORMED */
export function parseEnvelope(text: string): Envelope {
  const message = parseJsonMessage(text);
  if (!message) throw new PeerError('MESSAGE_MALFORMED', 'A message must be one JSON object: {"type","peer_id","message_id","timestamp","data"}.');
  const { type, peer_id, message_id, timestamp, data } = message;
  return {
    type: typeof type === 'string' ? type : '',
    peerId: isPeerId(peer_id) ? peer_id : undefined,
    messageId: scalarOf(message_id),
    timestamp: scalarOf(timestamp),
    data: isAbsent(data) ? {} : isJsonObject(data) ? data : undefined,
  };
}

/** Two ids are one peer when they are written alike, so that `7` and `"7"` of one client are. */
export function samePeer(left: Scalar, right: Scalar): boolean {
  return String(left) === String(right);
}

/** A number that JSON has rounded would go back as another one. */
function isPeerId(value: unknown): value is Scalar {
  if (typeof value !== 'number') return isPrintable(value);
  return (Number.isSafeInteger(value) || !Number.isInteger(value)) && Number.isFinite(value);
}

function scalarOf(value: unknown): Scalar | undefined {
  if (typeof value === 'string') return value.length <= 256 ? value : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
