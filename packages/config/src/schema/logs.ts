import { z } from 'zod';
import { deadline, flag, group, list, positive, text } from './kinds.ts';

const urlPath = z.string({ error: 'a path that starts with /' }).startsWith('/', { error: 'a path that starts with /' });

const historySettings = group({
  enabled: flag.optional().meta({ description: 'Whether the server connects to every producer as one more consumer.', default: false }),
  entries: positive.optional().meta({ description: 'The last ones that are kept of each system.', default: 1_000 }),
  maxEntryBytes: positive.optional().meta({ description: 'Bytes of one entry as JSON; a longer one is not kept. At least 2,048 less than maxMessageBytes.', default: 16_384 }),
  maxSystems: positive.optional().meta({ description: 'Systems; for another one the history of that which wrote least recently goes.', default: 100 }),
  maxSystemBytes: positive.optional().meta({ description: 'Bytes that are kept of each system.', default: 1_048_576 }),
  maxProducers: positive.optional().meta({ description: 'Producers that are recorded at a time.', default: 100 }),
  maxBatchBytes: positive.optional().meta({ description: 'Bytes of one message of a producer, unpacked; a longer one is not kept.', default: 1_048_576 }),
  maxBytesPerSecond: positive.optional().meta({ description: 'Bytes of all messages of one producer, unpacked; messages beyond are not kept.', default: 4_194_304 }),
});

/** `logs`: what the plugin for log producers and consumers is given. */
export const logsSettings = group({
  enabled: flag.optional().meta({ description: 'Whether log producers and consumers find each other here. Without a token whoever reaches it may read the logs.', default: true }),
  path: urlPath.optional().meta({ description: 'Where they connect.', default: '/signaling' }),
  token: text.optional().meta({ description: 'What they must bring to register. Default: nothing.', secret: true }),
  origins: list(text, 'origins').optional().describe('Origins whose pages may connect, such as https://example.org. Default: all.'),
  registerTimeoutMs: deadline.optional().meta({ description: 'A client that has not registered by then is closed, milliseconds.', default: 30_000 }),
  probeTimeoutMs: deadline.optional().meta({ description: 'A client that does not answer a ping within this time loses its id to a new one, milliseconds.', default: 2_000 }),
  maxProducers: positive.optional().meta({ description: 'Producers in one room; further ones are refused. Times maxMetadataBytes it must fit into maxQueuedBytes.', default: 500 }),
  maxMetadataBytes: positive.optional().meta({ description: 'Bytes of the metadata of one client, as JSON.', default: 1_024 }),
  maxSubscriptions: positive.optional().meta({ description: 'Producers that one consumer may name in its subscriptions.', default: 256 }),
  maxRoomRequestsPerSecond: positive.optional().meta({ description: 'Times in a second that one client may ask for the list of producers or change its subscriptions.', default: 20 }),
  history: historySettings.prefault({}).describe('What the server itself keeps of the logs, for pages that come later.'),
  maxMessageBytes: positive.optional().meta({ description: 'Bytes of one message; a longer one closes the connection (1009).', default: 65_536 }),
  maxMessagesPerSecond: positive.optional().meta({ description: 'Messages that one client may send in a second; more close the connection (1008).', default: 200 }),
  maxConnections: positive.optional().meta({ description: 'Clients at the same time; more are answered 503.', default: 5_000 }),
  maxConnectionsPerAddress: positive.optional().meta({ description: 'Clients of one address at the same time; more are answered 429.', default: 5_000 }),
  maxQueuedBytes: positive.optional().meta({ description: 'Bytes that wait for one client; messages beyond are dropped, and their sender is told.', default: 1_048_576 }),
  pingIntervalMs: deadline.optional().meta({ description: 'Time between two pings, milliseconds; a client that has not answered one until the next is cut.', default: 30_000 }),
}).prefault({});
