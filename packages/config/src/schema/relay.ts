import { deadline, flag, group, list, port, positive, text } from './kinds.ts';

/** `relay`: what the plugin for messages between WebSocket clients is given. */
export const relaySettings = group({
  enabled: flag.optional().meta({ description: 'Whether there is a relay, at /relay. Without a token whoever reaches it may write to everybody there.', default: false }),
  port: port.optional().describe('A port of its own, where every path is served; by custom 8765. Default: only /relay.'),
  host: text.optional().describe('Address that this port listens on. Default: that of HTTP.'),
  token: text.optional().meta({ description: 'What clients must bring to register. Default: nothing.', secret: true }),
  origins: list(text, 'origins').optional().describe('Origins whose pages may connect, such as https://example.org. Default: all.'),
  registerTimeoutMs: deadline.optional().meta({ description: 'A client that has not registered by then is closed, milliseconds.', default: 30_000 }),
  probeTimeoutMs: deadline.optional().meta({ description: 'A client that does not answer a ping within this time loses its id to a new one, milliseconds.', default: 2_000 }),
  maxMessageBytes: positive.optional().meta({ description: 'Bytes of one message; a longer one closes the connection (1009).', default: 65_536 }),
  maxMessagesPerSecond: positive.optional().meta({ description: 'Messages that one client may send in a second; more close the connection (1008).', default: 200 }),
  maxConnections: positive.optional().meta({ description: 'Clients at the same time, at each of the two places; more are answered 503.', default: 5_000 }),
  maxConnectionsPerAddress: positive.optional().meta({ description: 'Clients of one address at the same time; more are answered 429.', default: 5_000 }),
  maxQueuedBytes: positive.optional().meta({ description: 'Bytes that wait for one client; messages beyond are dropped, and their sender is told.', default: 1_048_576 }),
  pingIntervalMs: deadline.optional().meta({ description: 'Time between two pings, milliseconds; a client that has not answered one until the next is cut.', default: 30_000 }),
}).prefault({});
