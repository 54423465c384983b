import { type JsonMessage, isJsonObject, isPrintable } from '@sluice/core';
import { isSanelyNested } from './nesting.ts';
import { Refusal } from './refusal.ts';
import { Subscription, isIdList } from './subscription.ts';

/** Producers write logs, consumers read them. */
export type Role = 'producer' | 'consumer';

/** Where those are who name no room. */
const DEFAULT_ROOM = 'default';

/** The server's own consumer, which keeps a history. */
export const HISTORY_ID = 'sluice-history';

/** Who a client says it is. */
export interface Registration {
  readonly role: Role;
  readonly id: string;
  readonly room: string;
  /** What a producer's logs are kept and shown under: the `system_name` of its metadata, or else its id. */
  readonly systemName: string;
  readonly metadata: JsonMessage;
  /** Which producers a consumer wants. */
  readonly subscription: Subscription;
}

/** Bounds of a registration. */
export interface RegistrationLimits {
  readonly maxMetadataBytes: number;
  readonly maxSubscriptions: number;
}

/** Reads a message `register`. */
export function readRegistration(message: JsonMessage, { maxMetadataBytes, maxSubscriptions }: RegistrationLimits): Registration | Refusal {
  const { role, client_id: id, metadata = {}, subscribe } = message;
  if (role !== 'producer' && role !== 'consumer') return new Refusal('bad_role', 'role must be "producer" or "consumer".');
  if (!isPrintable(id) || id === HISTORY_ID) return new Refusal('bad_client_id', `client_id must be a text of 1 to 128 printable characters, other than ${HISTORY_ID}.`);
  if ((metadata !== null && !isJsonObject(metadata)) || !isSanelyNested(metadata)) return new Refusal('bad_metadata', 'metadata must be an object, and not nested deeper than 32 times.');
  const known = metadata ?? {};
  if (Buffer.byteLength(JSON.stringify(known)) > maxMetadataBytes) return new Refusal('bad_metadata', `metadata must have at most ${maxMetadataBytes} bytes as JSON (maxMetadataBytes).`);
  const room = known['room'] ?? DEFAULT_ROOM;
  if (!isPrintable(room)) return new Refusal('bad_metadata', 'room of the metadata must be a text of 1 to 128 printable characters.');
  const subscription = new Subscription(maxSubscriptions);
  if (subscribe !== undefined && (!isIdList(subscribe) || !subscription.add(subscribe))) {
    return new Refusal('bad_subscription', `subscribe must be a list of at most ${maxSubscriptions} ids of producers.`);
  }
  const systemName = isPrintable(known['system_name']) ? known['system_name'] : id;
  return { role, id, room, systemName, metadata: known, subscription };
}
