import { type Logger, MediaError, type Negotiated, type Negotiations, type SessionRecord } from '@sluice/core';

/** What {@link SessionSlot} takes. */
export interface SessionSlotOptions {
  readonly negotiations: Negotiations;
  readonly logger: Logger;
  /** A session of this slot is there. */
  readonly onOpened: (record: SessionRecord) => void;
  /** It has ended, and nobody has closed it here. */
  readonly onEnded: (record: SessionRecord, reason: string) => void;
}

/** A place for one session. Whoever asks for another one meanwhile has the place, because what was there is of no use any more. */
export class SessionSlot {
  readonly #options: SessionSlotOptions;
  #record: SessionRecord | undefined;
  #attempt: AbortController | undefined;
  #settling: Promise<void> | undefined;

  constructor(options: SessionSlotOptions) {
    this.#options = options;
  }

  get record(): SessionRecord | undefined {
    return this.#record;
  }

  /** Of the session that is being made: resolves when it is there, or has failed. */
  get settling(): Promise<void> | undefined {
    return this.#settling;
  }

  /** @throws MediaError what `negotiate` throws; REQUEST_ABORTED when another one came meanwhile */
  open(negotiate: (signal: AbortSignal) => Promise<Negotiated>): Promise<Negotiated> {
    this.#attempt?.abort(new MediaError('REQUEST_ABORTED', 'Another request of this client has taken the place of this one.'));
    const attempt = new AbortController();
    this.#attempt = attempt;
    const opening = this.#open(attempt.signal, negotiate);
    this.#settle(opening);
    return opening;
  }

  /** @param reason `deleted by its client` counts as the client's own doing */
  async close(reason: string): Promise<void> {
    this.#attempt?.abort(new MediaError('REQUEST_ABORTED', `The client is gone: ${reason}.`));
    await this.#closeRecord(reason);
  }

  #settle(opening: Promise<Negotiated>): void {
    const over = (): void => {
      if (this.#settling === settling) this.#settling = undefined;
    };
    const settling = opening.then(over, over);
    this.#settling = settling;
  }

  async #open(signal: AbortSignal, negotiate: (signal: AbortSignal) => Promise<Negotiated>): Promise<Negotiated> {
    await this.#closeRecord('deleted by its client');
    signal.throwIfAborted();
    const negotiated = await negotiate(signal);
    if (!signal.aborted) return this.#take(negotiated);
    await this.#end(negotiated.record, 'deleted by its client');
    throw signal.reason;
  }

  #take(negotiated: Negotiated): Negotiated {
    const { record } = negotiated;
    this.#record = record;
    this.#options.onOpened(record);
    record.session.onClosed((reason) => {
      if (this.#record !== record) return;
      this.#record = undefined;
      this.#options.onEnded(record, reason);
    });
    return negotiated;
  }

  async #closeRecord(reason: string): Promise<void> {
    const record = this.#record;
    this.#record = undefined;
    if (record) await this.#end(record, reason);
  }

  async #end({ id }: SessionRecord, reason: string): Promise<void> {
    const { negotiations, logger } = this.#options;
    try {
      await negotiations.closeSession(id, reason);
    } catch (error) {
      // One that has just ended by itself is what was wanted.
      if (!MediaError.is(error) || error.code !== 'SESSION_NOT_FOUND') logger.error({ err: error, session: id }, 'A session of a peer failed to close');
    }
  }
}
