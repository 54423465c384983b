/** Counters of an {@link IceLiteAgent}. */
export interface IceCounters {
  /** Requests that were authentic and answered. */
  readonly checks: number;
  /** Moves from one address to another. */
  readonly moves: number;
  /** Addresses of the peer that were asked; 0 for the ICE-lite side. */
  readonly addressesAsked: number;
  /** Checks of our own that were not begun, because there were too many. */
  readonly ownChecksSuppressed: number;
  /** Messages that changed nothing, by reason. */
  readonly rejected: Readonly<Record<IceRejection, number>>;
}

/** Why a STUN message changed nothing. */
export type IceRejection =
  /** No Binding request; indications are keep-alives and need no answer (RFC 8445 section 11). */
  | 'notARequest'
  /** An answer that no check of ours waits for, or that is not authentic. */
  | 'unexpectedAnswer'
  | 'fingerprint'
  /** Answered with 400 or 401, as `integrity`. */
  | 'username'
  | 'integrity'
  /** Authentic, and more than `maxChecksPerSecond`. */
  | 'tooMany'
  /** Answered with 420. */
  | 'unknownAttribute'
  /** Answered with 487. */
  | 'roleConflict'
  /** The same request came from another address before. */
  | 'replayed'
  /** The address is another session's. */
  | 'addressTaken'
  /** The answer would have been larger than the request. */
  | 'amplification';

/** Counters that count. */
export interface MutableIceCounters {
  checks: number;
  moves: number;
  readonly rejected: Record<IceRejection, number>;
}

export function createIceCounters(): MutableIceCounters {
  return {
    checks: 0,
    moves: 0,
    rejected: {
      notARequest: 0,
      unexpectedAnswer: 0,
      fingerprint: 0,
      username: 0,
      integrity: 0,
      tooMany: 0,
      unknownAttribute: 0,
      roleConflict: 0,
      replayed: 0,
      addressTaken: 0,
      amplification: 0,
    },
  };
}
