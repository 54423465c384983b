import { z } from 'zod';
import { count, countersByReason, list, named, port, text, wallClock } from './schema.ts';
import { streamKey } from './stream.ts';

export const sessionRole = z.enum(['publisher', 'viewer', 'other']);
export const transportState = z.enum(['new', 'connecting', 'connected', 'disconnected', 'closed']);

const remoteAddress = named('RemoteAddress', 'An address and a port; IPv6 without brackets.', { address: text, port });

const common = {
  id: text,
  type: text.describe('Negotiation type, for example push.'),
  plugin: text,
  role: sessionRole,
  stream: streamKey.optional().describe('Absent for types without a stream, such as echo.'),
  protocol: text.describe('The front door it came by.'),
  client: remoteAddress.describe('Where the request came from; media may come from elsewhere.'),
  createdAt: wallClock,
  endedAt: wallClock.optional(),
  endsAt: wallClock.optional().describe('When its lifetime is over.'),
  state: transportState.optional().describe('Absent for a session without a peer connection.'),
  connected: z.boolean().describe('Whether the peer ever connected.'),
  reason: text.optional().describe('Why it has ended, or what it waits for.'),
};

const candidate = named('Candidate', 'An ICE candidate (RFC 8445).', { protocol: text, address: text, port, type: text });

const checks = named('ConnectivityChecks', 'The connectivity checks that came from one address.', {
  address: text,
  port,
  protocol: z.enum(['udp', 'tcp']),
  accepted: count,
  refused: countersByReason,
  nominated: z.boolean(),
  firstAt: wallClock,
  lastAt: wallClock,
});

const diagnosis = named('Diagnosis', 'Why a peer is connected or not: what each side offered, what came, and what became of it.', {
  state: transportState,
  reason: text.optional(),
  startedAt: wallClock,
  connectedAt: wallClock.optional(),
  closedAt: wallClock.optional(),
  localCandidates: list(candidate),
  remoteCandidates: list(candidate),
  checks: list(checks),
  pair: z
    .strictObject({
      protocol: z.enum(['udp', 'tcp']),
      local: z.strictObject({ address: text.optional(), port }),
      remote: z.strictObject({ address: text, port }),
      nominated: z.boolean(),
      since: wallClock,
      moves: count,
    })
    .optional(),
  dtls: z.strictObject({
    state: z.enum(['waiting', 'handshake', 'connected']),
    role: z.enum(['client', 'server']).optional(),
    datagramsReceived: count,
    firstAt: wallClock.optional(),
    connectedAt: wallClock.optional(),
  }),
  unlisted: z.strictObject({ remoteCandidates: count, checks: count }),
});

const transportStats = named('TransportStats', 'Counters of a peer connection, named as in webrtc-stats.', {
  state: transportState,
  remote: remoteAddress.optional(),
  bytesReceived: count,
  bytesSent: count,
  packetsReceived: count,
  packetsSent: count,
  currentRoundTripTime: z.number().optional().describe('Seconds.'),
  availableIncomingBitrate: z.number().optional(),
  availableOutgoingBitrate: z.number().optional(),
  dropped: countersByReason,
});

/** A row of the list of sessions. */
export const session = named('Session', 'A session: one negotiated peer.', common);

/** One session in full. */
export const sessionDetail = named('SessionDetail', 'A session with its diagnosis and counters.', {
  ...common,
  diagnosis: diagnosis.optional(),
  stats: transportStats.optional(),
});

export { candidate };
