import { isJsonObject, type JsonObject, parseJsonObject } from '../web-socket/json-object.ts';

/** What one client of a relay sends to others. `from` and `target_id` are the relay's. */
export type RelayMessage = JsonObject;

/** A message as the relay delivers it. */
export interface ReceivedRelayMessage {
  /** The client that sent it. */
  readonly from: string;
  /** All else, as it was sent. */
  readonly message: RelayMessage;
}

/** What comes from a relay. */
export type RelayInput =
  | { readonly kind: 'registered'; readonly clientId: string }
  | { readonly kind: 'message'; readonly received: ReceivedRelayMessage }
  | { readonly kind: 'clients'; readonly clients: readonly string[] }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly targetId: string | undefined };

/** Undefined when the text is none of what a relay sends. */
export function decodeRelayInput(text: string): RelayInput | undefined {
  const input = parseJsonObject(text);
  if (!input) return undefined;
  const { from, ...message } = input;
  // Whatever another client calls its message, it has a sender.
  if (typeof from === 'string') return { kind: 'message', received: { from, message } };
  switch (input['type']) {
    case 'registered':
      return typeof input['client_id'] === 'string' ? { kind: 'registered', clientId: input['client_id'] } : undefined;
    case 'clients':
      return isTexts(input['clients']) ? { kind: 'clients', clients: input['clients'] } : undefined;
    case 'error':
      return errorOf(input);
    default:
      return undefined;
  }
}

/** Relays before this one told their errors with a message, or an object, and no code. */
function errorOf({ code, message, error, target_id: target }: JsonObject): RelayInput {
  const words = [message, isJsonObject(error) ? error['message'] : error].find((value) => typeof value === 'string');
  return {
    kind: 'error',
    code: typeof code === 'string' ? code : 'unknown',
    message: words ?? 'The relay told an error without words.',
    targetId: typeof target === 'string' ? target : undefined,
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
