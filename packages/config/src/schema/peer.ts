import { deadline, count, flag, group, list, milliseconds, positive, text } from './kinds.ts';

/** `peer`: what the plugin for clients of `/ws` is given. */
export const peerSettings = group({
  enabled: flag.optional().meta({ description: 'Whether WebSocket clients may play, publish and control streams.', default: true }),
  path: text.optional().meta({ description: 'Where they connect.', default: '/ws' }),
  defaultStream: text.optional().describe('Stream of clients that name none: app/stream or vhost/app/stream. Default: live/demo while the demo plays, else none.'),
  origins: list(text, 'origins').optional().describe('Origins whose pages may connect, such as https://example.org. Default: all.'),
  heartbeatIntervalMs: deadline.optional().meta({ description: 'What clients are told to ping at, milliseconds; one that says nothing for three times as long is closed.', default: 30_000 }),
  graceMs: milliseconds.optional().meta({ description: 'How long the sessions of a client whose connection broke are kept for its return, milliseconds; 0 = not at all.', default: 10_000 }),
  maxKept: count.optional().meta({ description: 'Clients whose sessions are kept so at the same time; those beyond are let go at once.', default: 1_000 }),
  probeTimeoutMs: deadline.optional().meta({ description: 'A client that does not answer a ping within this time loses its peer_id to a new one, milliseconds.', default: 2_000 }),
  maxMessageBytes: positive.optional().meta({ description: 'Bytes of one message; a longer one closes the connection (1009).', default: 65_536 }),
  maxMessagesPerSecond: positive.optional().meta({ description: 'Messages that one client may send in a second; more close the connection (1008).', default: 500 }),
  maxConnections: positive.optional().meta({ description: 'Clients at the same time; more are answered 503.', default: 5_000 }),
  maxConnectionsPerAddress: positive.optional().meta({ description: 'Clients of one address at the same time; more are answered 429.', default: 5_000 }),
  maxQueuedBytes: positive.optional().meta({ description: 'Bytes that wait for one client; messages beyond are dropped and counted.', default: 1_048_576 }),
  pingIntervalMs: deadline.optional().meta({ description: 'Time between two pings of the server, milliseconds; a client that has not answered one until the next is cut.', default: 30_000 }),
}).prefault({});
