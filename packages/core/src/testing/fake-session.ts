import type { Undo } from '../clock.ts';
import type { Awaitable } from '../hook-points.ts';
import type { IceFragment, TransportStats } from '../media.ts';
import type { WebRtcSession } from '../session.ts';
import { Emitter } from './emitter.ts';
import { fakeTransportStats } from './fake-transport.ts';

/** What {@link fakeSession} takes; everything has a default. */
export interface FakeSessionOptions {
  /** Makes the answer. Default: the text `answer` at once. */
  readonly createAnswer?: (offer: string, signal: AbortSignal) => Awaitable<string>;
  /** Makes the offer. Default: the text `offer` at once. */
  readonly createOffer?: (signal: AbortSignal) => Awaitable<string>;
  /** Runs when the session is closed from outside, before it counts as closed. */
  readonly onClose?: (reason: string | undefined) => Awaitable<void>;
  readonly stats?: Partial<TransportStats>;
}

/** A session without media that remembers what was done to it. */
export class FakeSession implements WebRtcSession {
  readonly offers: string[] = [];
  readonly acceptedAnswers: string[] = [];
  readonly trickled: IceFragment[] = [];
  /** How often it was asked to close. */
  closeCalls = 0;
  closeReason: string | undefined;
  readonly #options: FakeSessionOptions;
  readonly #closedEvent = new Emitter<[reason: string]>();

  constructor(options: FakeSessionOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.closeReason !== undefined;
  }

  async createAnswer(offer: string, signal: AbortSignal): Promise<string> {
    this.offers.push(offer);
    return (await this.#options.createAnswer?.(offer, signal)) ?? 'answer';
  }

  async createOffer(signal: AbortSignal): Promise<string> {
    return (await this.#options.createOffer?.(signal)) ?? 'offer';
  }

  acceptAnswer(answer: string): void {
    this.acceptedAnswers.push(answer);
  }

  trickle(fragment: IceFragment): void {
    this.trickled.push(fragment);
  }

  stats(): TransportStats {
    return fakeTransportStats(this.#options.stats);
  }

  onClosed(listener: (reason: string) => void): Undo {
    if (this.closeReason === undefined) return this.#closedEvent.on(listener);
    listener(this.closeReason);
    return () => undefined;
  }

  async close(reason?: string): Promise<void> {
    this.closeCalls += 1;
    if (this.closed) return;
    await this.#options.onClose?.(reason);
    this.end(reason ?? 'closed');
  }

  /** Closes by itself, as when its peer is gone. */
  end(reason: string): void {
    if (this.closed) return;
    this.closeReason = reason;
    this.#closedEvent.emit(reason);
  }
}

/** A session for tests of managers, hosts and listeners. */
export function fakeSession(options: FakeSessionOptions = {}): FakeSession {
  return new FakeSession(options);
}
