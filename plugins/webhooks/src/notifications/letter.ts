/** One notification on its way to one URL. */
export interface Letter {
  /** The same for all its attempts, and for a replay. */
  readonly id: string;
  /** Letters of one topic arrive in order; empty for those about the server. */
  readonly topic: string;
  /** JSON. */
  readonly body: string;
}
