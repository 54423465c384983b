import { MediaError, type ErrorCode } from '@sluice/core';

import type { SdpLimits } from './limits.ts';

/** What the parsers of one description share: its bounds, and how its faults are called. */
export interface ParseContext {
  readonly limits: SdpLimits;
  readonly malformedCode: ErrorCode;
  /** Breaks the grammar or contradicts itself. */
  malformed(message: string): MediaError;
  /** Well-formed, but asks for what we do not do. */
  unacceptable(message: string): MediaError;
}

/** Faults of an offer are told apart, because WHIP clients act on the status (RFC 9725 section 4.2). */
export function offerContext(limits: SdpLimits): ParseContext {
  return createContext(limits, 'OFFER_MALFORMED', 'OFFER_UNACCEPTABLE');
}

/** An answer that asks for what we did not offer breaks the rules. */
export function answerContext(limits: SdpLimits): ParseContext {
  return createContext(limits, 'ANSWER_MALFORMED', 'ANSWER_MALFORMED');
}

function createContext(limits: SdpLimits, malformedCode: ErrorCode, unacceptableCode: ErrorCode): ParseContext {
  return {
    limits,
    malformedCode,
    malformed: (message) => new MediaError(malformedCode, message),
    unacceptable: (message) => new MediaError(unacceptableCode, message),
  };
}
