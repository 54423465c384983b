import type { Clock } from '../time/clock.ts';
import { PeerError } from './peer-error.ts';
import type { ServerMessage } from './server-message.ts';

/** What is waited for. */
export interface Expectation<T> {
  /** In the words of the dialect. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Undefined when the message is no answer to the request. */
  readonly accept: (message: ServerMessage) => T | undefined;
}

interface Pending {
  /** Returns whether the message was the answer. */
  offer(message: ServerMessage): boolean;
  reject(error: PeerError): void;
}

/** Requests that have no answer yet. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws PeerError `timeout`, or what {@link fail} and {@link failAll} say */
  wait<T>(messageId: string, { what, timeoutMs, accept }: Expectation<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const cancel = this.#clock.setTimeout(() => this.fail(messageId, new PeerError('timeout', `The server sent no ${what} within ${timeoutMs} ms.`)), timeoutMs);
    const offer = (message: ServerMessage): boolean => {
      const answer = accept(message);
      if (answer === undefined) return false;
      resolve(answer);
      return true;
    };
    this.#pending.set(messageId, { offer, reject });
    return promise.finally(cancel);
  }

  /** A server that does not say which request it answers, answers the oldest that fits. Returns whether somebody waited. */
  answer(messageId: string | number, message: ServerMessage): boolean {
    const named = this.#pending.get(String(messageId));
    const candidates = named ? [[String(messageId), named] as const] : [...this.#pending];
    const answered = candidates.find(([, pending]) => pending.offer(message));
    if (answered) this.#pending.delete(answered[0]);
    return answered !== undefined;
  }

  /** Returns whether somebody waited. */
  fail(messageId: string | number, error: PeerError): boolean {
    const id = String(messageId);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.reject(error);
    return pending !== undefined;
  }

  failAll(error: PeerError): void {
    for (const id of this.#pending.keys()) this.fail(id, error);
  }
}
