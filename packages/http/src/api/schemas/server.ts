import { z } from 'zod';
import { count, countersByReason, list, milliseconds, named, port, text, wallClock } from './schema.ts';
import { candidate } from './session.ts';

export const plugin = named('Plugin', 'A plugin of this server.', {
  name: text,
  version: text.optional(),
  types: list(text).describe('Negotiation types it registers.'),
  hooks: list(text).describe('Hook points at which it is asked or told.'),
  dependsOn: list(text),
  reconfigurable: z.boolean().describe('Whether it takes other options without a restart.'),
  setUpMs: milliseconds.optional(),
});

export const hookTarget = named('HookTarget', 'A URL that is asked or told at a hook.', {
  plugin: text,
  hook: text,
  url: text.describe('Without user, password and values of the query.'),
  breaker: z.enum(['closed', 'open', 'half-open']).describe('open = it has failed too often and is not asked for a while.'),
  asked: count,
  failed: count,
  latencyMs: milliseconds.optional(),
  queueLength: count,
  dropped: count,
  deadLetters: count,
  lastError: text.optional(),
});

export const deadLetter = named('DeadLetter', 'A notification that was given up.', {
  plugin: text,
  id: text,
  hook: text,
  url: text,
  failedAt: wallClock,
  attempts: count,
  reason: text,
});

export const replayed = named('Replayed', 'What a replay has begun.', { replayed: count.describe('Dead letters that are queued again.') });
export const purged = named('Purged', 'What was forgotten.', { purged: count.describe('Answers that were kept.') });

const mediaCounters = { packets: count, bytes: count, retransmitted: count, nacks: count, plis: count, firs: count, dropped: countersByReason };

const engineStats = named('EngineStats', 'Counters of everything that comes to the media port, since its start.', {
  tier: text,
  transports: count,
  packetsReceived: count,
  packetsSent: count,
  delivered: count,
  dropped: countersByReason,
  refusalsSent: count,
  media: z.strictObject({ received: z.strictObject({ ...mediaCounters, lost: z.int() }), sent: z.strictObject(mediaCounters), transport: z.strictObject({ bytesReceived: count, bytesSent: count, dropped: countersByReason }) }).describe('RTP of all transports together.'),
  forwardTimes: z.strictObject({ labels: z.record(text, text).optional(), buckets: list(z.strictObject({ le: z.number(), count })), sum: z.number(), count }).describe('From the arrival of a packet until it was sent to viewers, seconds.'),
  workers: count,
  workerCrashes: count,
});

export const media = named('Media', 'The media plane.', { port, localCandidates: list(candidate), stats: engineStats });

export const stats = named('Stats', 'What the server does at this moment.', {
  version: text.optional().describe('Of the program.'),
  startedAt: wallClock.describe('Of the process.'),
  uptimeMs: milliseconds,
  process: z.strictObject({
    pid: count,
    node: text,
    platform: text,
    rssBytes: count,
    heapUsedBytes: count,
    cpuSeconds: z.number().min(0),
    eventLoopActiveSeconds: z.number().min(0).describe('For how long the event loop had work, since the start; a share of time near 1 means that everything waits.'),
  }),
  sessions: z.strictObject({ open: count, publishers: count, viewers: count, others: count }),
  streams: z.strictObject({ live: count, readers: count }),
  counters: z.record(text, z.number()).describe('What the manager has counted.'),
  events: z.strictObject({
    clients: count,
    told: count,
    clientsCut: count.describe('Clients of /api/v1/events that were too slow.'),
    clientsRefused: count,
  }),
  engine: engineStats.optional(),
});

export const configuration = named('Configuration', 'The configuration as it counts now; secrets are replaced by ***.', {
  file: text.optional(),
  stateFile: text.optional().describe('Where changes through this API are kept.'),
  entries: list(
    z.strictObject({ key: text, value: z.unknown(), source: z.enum(['default', 'file', 'state', 'environment', 'flag']), from: text.optional() }),
  ),
});

export const configurationChange = named('ConfigurationChange', 'What became of a change.', {
  applied: list(text).describe('Settings that have another value now.'),
  needsRestart: list(text).describe('Settings that differ, but count only after a restart.'),
  ignored: list(text).describe('Names that mean nothing here.'),
});

export const drainState = named('DrainState', 'A server that is about to stop.', {
  phase: z.enum(['starting', 'ready', 'draining', 'closed']),
  sessions: count.describe('Open ones.'),
});
