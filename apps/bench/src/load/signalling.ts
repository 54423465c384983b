/** What a peer says of itself, once asked for it. */
export interface LocalDescriptions {
  offer(): string;
  answer(offer: string): string;
}

/** An exchange of descriptions that has taken place. */
export interface Exchange {
  /** The other side's offer or answer. */
  readonly remote: string;
  /** Whether we have offered. */
  readonly offered: boolean;
  /** From the request until its description was there, milliseconds. */
  readonly answerMs: number;
  /** Tells the server that the peer is leaving. */
  leave(): Promise<void>;
}

/** How peers reach a server. */
export interface Signalling {
  /** @throws Error when the server refuses */
  publish(stream: string, local: LocalDescriptions): Promise<Exchange>;
  /** @throws Error when the server refuses */
  play(stream: string, local: LocalDescriptions): Promise<Exchange>;
  close(): void;
}
