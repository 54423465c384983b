import type { JsonMessage, Undo, WebSocketConnection } from '@sluice/core';
import type { Budget } from './budget.ts';
import type { Refusal } from './refusal.ts';
import type { Party, Room } from './room.ts';
import type { SignalingCounters } from './counters.ts';

/** What {@link Client} takes. */
export interface ClientOptions {
  readonly connection: WebSocketConnection;
  readonly counters: SignalingCounters;
  /** Of requests that many others are told of, or whose answer is long. */
  readonly roomRequests: Budget;
  /** Ends the wait for a registration. */
  readonly cancelTimeout: Undo;
}

/** One WebSocket, registered or not. */
export class Client {
  readonly connection: WebSocketConnection;
  readonly cancelTimeout: Undo;
  readonly roomRequests: Budget;
  /** Who it is, from its registration on. */
  seat: { readonly party: Party; readonly room: Room } | undefined;
  /** It waits for a probe of the one who has its id. */
  isProbing = false;
  isClosed = false;
  readonly #counters: SignalingCounters;

  constructor({ connection, counters, roomRequests, cancelTimeout }: ClientOptions) {
    this.connection = connection;
    this.cancelTimeout = cancelTimeout;
    this.roomRequests = roomRequests;
    this.#counters = counters;
  }

  /** Who is where cannot be told later, so a client that does not read it must begin anew. */
  tell(message: JsonMessage): void {
    if (this.isClosed || this.connection.send(JSON.stringify(message))) return;
    this.#counters.dropped += 1;
    this.connection.close(1013, 'You do not read fast enough; connect again.');
  }

  refuse({ code, message, details }: Refusal): void {
    this.#counters.countError(code);
    this.tell({ type: 'error', code, message, ...details });
  }

  /**
   * Hands over a message of somebody else.
   * @returns false when too many bytes wait for it already
   */
  hand(text: string): boolean {
    const isSent = this.connection.send(text);
    if (isSent) this.#counters.relayed += 1;
    else this.#counters.dropped += 1;
    return isSent;
  }
}
