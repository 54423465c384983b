import { DEFAULT_LIMITS, type ManagerLimits } from '@sluice/core';
import type { z } from 'zod';
import { count, group, milliseconds } from './kinds.ts';

/** A limit whose default is core's. */
function limit(name: keyof ManagerLimits, description: string) {
  return count.optional().meta({ description, default: DEFAULT_LIMITS[name] });
}

/** `limits`: bounds of the whole server. */
export const limitSettings = group({
  maxOfferBytes: limit('maxOfferBytes', 'Bytes of an offer.'),
  maxOfferLines: limit('maxOfferLines', 'Lines of an offer.'),
  maxMediaSections: limit('maxMediaSections', 'm-lines of an offer.'),
  maxSessions: limit('maxSessions', 'Open sessions in all.'),
  maxSessionsPerAddress: limit('maxSessionsPerAddress', 'Open sessions of one address.'),
  maxWaiters: limit('maxWaiters', 'Viewers that wait for missing streams, in all.'),
  maxPendingNotifications: limit('maxPendingNotifications', 'Calls of one notify hook that have not finished; more of them are dropped.'),
  maxEndedSessions: limit('maxEndedSessions', 'Ended sessions that are kept for questions, in all; the oldest go first.'),
  endedSessionMs: milliseconds
    .optional()
    .meta({ description: 'How long an ended session is kept, milliseconds.', default: DEFAULT_LIMITS.endedSessionMs }),
} satisfies Record<keyof ManagerLimits, z.ZodType>).prefault({});
