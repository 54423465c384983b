import { z } from 'zod';
import { count, deadline, flag, group, ipRange, list, port, positive, text } from './kinds.ts';

const iceServer = group({
  urls: z.union([text, list(text, 'texts')], { error: 'a STUN or TURN URL, or a list of them' }).describe('One or more stun:, turn: or turns: URLs.'),
  username: text.optional().describe('Of a TURN server.'),
  credential: text.optional().meta({ description: 'Of a TURN server; the clients are told it.', secret: true }),
});

/** `http`: who is served over HTTP and how. */
export const httpSettings = group({
  host: text.default('127.0.0.1').describe('Address that HTTP listens on. Only this machine reaches the default.'),
  port: port.default(8080).describe('0 takes a free one.'),
  iceServers: list(iceServer, 'ICE servers').default([]).describe('Told to WHIP and WHEP clients in Link headers.'),
  trustedProxies: list(ipRange, 'IP addresses or ranges').default([]).describe('Proxies whose X-Forwarded-* headers are believed.'),
  tls: group({
    certFile: text.describe('PEM file of the certificate, and behind it those of its issuers; from the folder of the config file.'),
    keyFile: text.describe('PEM file of its key, without a passphrase.'),
  }).optional().describe('Makes HTTP HTTPS. The files are read again when they change, and on SIGHUP.'),
  strictIfMatch: flag.default(false).describe('Whether a PATCH without If-Match is refused (428).'),
  maxLoopLagMs: deadline.default(2_000).describe('A server whose event loop stood still for longer lately is not ready (/readyz), milliseconds.'),
  maxBodyBytes: count.optional().meta({ description: 'Bytes of a request body.', default: 131_072 }),
  adminToken: z
    .string({ error: 'a text' })
    .min(16, { error: 'a text of at least 16 characters' })
    .optional()
    .meta({ description: 'Whoever brings it as a bearer token may use the management API; the same as secret of the ZLMediaKit API. Default: one that the server makes and keeps where only its user can read it; its log says where.', secret: true }),
  streamList: flag.optional().describe('Whether /api/v1/streams tells everybody what is live. Default: only when host is a loopback address.'),
  maxEventClients: count.optional().meta({ description: 'Clients of /api/v1/events at the same time; more are answered 503.', default: 50 }),
  eventReplay: count.optional().meta({ description: 'Events that are kept for clients which come back with Last-Event-ID.', default: 1000 }),
  maxQueuedEvents: positive.optional().meta({ description: 'Events that wait for one client of /api/v1/events; at more it is cut.', default: 1000 }),
  eventHeartbeatMs: deadline.optional().meta({ description: 'Time between two comments that keep the connection of such a client alive.', default: 15_000 }),
}).prefault({});
