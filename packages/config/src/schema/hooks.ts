import { count, deadline, group, httpUrl, milliseconds, text, wholeNumber } from './kinds.ts';

/** `hooks`: URLs asked at the hook points; see `@sluice/plugin-webhooks`, which has the defaults. */
export const hookSettings = group({
  onPublish: httpUrl.optional().describe('Asked before somebody publishes.'),
  onPlay: httpUrl.optional().describe('Asked before somebody plays.'),
  onStreamNotFound: httpUrl.optional().describe('Told that a viewer waits for a missing stream; may end the wait.'),
  onStreamNoneReader: httpUrl.optional().describe('Asked whether a stream without viewers may go.'),
  timeoutMs: deadline.optional().meta({ description: 'One attempt, from connecting to the last byte, milliseconds.', default: 2000 }),
  retries: wholeNumber('a whole number', { min: 0, max: 10 }).optional().meta({ description: 'Further attempts after a transport fault.', default: 1 }),
  retryDelayMs: milliseconds.optional().meta({ description: 'Pause before each further attempt, milliseconds.', default: 1000 }),
  maxResponseBytes: count.optional().meta({ description: 'A longer answer fails, bytes.', default: 65_536 }),
  maxConnections: count.optional().meta({ description: 'Open connections per host; further questions queue within their timeout.', default: 32 }),
  mediaServerId: text.optional().meta({ description: 'Tells the receiver which server asks.', default: 'sluice' }),
}).prefault({});
