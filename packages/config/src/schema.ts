import { type ManagerLimits, type ManagerTimeouts, PLUGIN_API, type StreamOptions, type WebRtcPlugin } from '@sluice/core';
import { z } from 'zod';

/** The longest time that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const flag = z.boolean({ error: 'true or false' });
const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const port = wholeNumber('a port number', { min: 0, max: 65_535 });
const milliseconds = wholeNumber('a number of milliseconds', { min: 0, max: MAX_TIMER_MS });
const deadline = wholeNumber('a number of milliseconds', { min: 1, max: MAX_TIMER_MS });
const count = wholeNumber('a whole number', { min: 0, max: Number.MAX_SAFE_INTEGER });
const positive = wholeNumber('a whole number', { min: 1, max: Number.MAX_SAFE_INTEGER });
const ipAddress = z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' });
const ipRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'an IP address or a range such as 10.0.0.0/8' });
const hookUrl = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

const iceServer = group({
  urls: z.union([text, list(text, 'texts')], { error: 'a STUN or TURN URL, or a list of them' }),
  username: text.optional(),
  credential: text.optional(),
});

const limits = {
  maxOfferBytes: count.optional(),
  maxOfferLines: count.optional(),
  maxMediaSections: count.optional(),
  maxSessions: count.optional(),
  maxSessionsPerAddress: count.optional(),
  maxWaiters: count.optional(),
  maxPendingNotifications: count.optional(),
  maxEndedSessions: count.optional(),
  endedSessionMs: milliseconds.optional(),
} satisfies Record<keyof ManagerLimits, z.ZodType>;

const timeouts = {
  setupMs: deadline.optional(),
  hookMs: deadline.optional(),
  negotiateMs: deadline.optional(),
  closeMs: deadline.optional(),
} satisfies Record<keyof ManagerTimeouts, z.ZodType>;

const streams = {
  maxStreamWaitMs: milliseconds.optional(),
  noneReaderDelayMs: milliseconds.optional(),
  takeover: z.enum(['never', 'silent', 'always'], { error: 'never, silent or always' }).optional(),
  publisherGraceMs: milliseconds.optional(),
} satisfies Record<keyof StreamOptions, z.ZodType>;

const pluginEntry = z.union(
  [text, group({ package: text, options: z.unknown().optional() }), z.custom<WebRtcPlugin>(isPlugin)],
  { error: 'a package name, a path, { package, options } or a plugin' },
);

/**
 * Every setting of a server. What has no default here is left to the part that owns it,
 * which documents its own default.
 */
export const configSchema = group({
  http: group({
    /** Address that HTTP listens on. Only this machine reaches the default. */
    host: text.default('127.0.0.1'),
    /** 0 takes a free one. */
    port: port.default(8080),
    /** Told to WHIP and WHEP clients in Link headers. */
    iceServers: list(iceServer, 'ICE servers').default([]),
    /** Proxies whose `X-Forwarded-*` headers are believed. */
    trustedProxies: list(ipRange, 'IP addresses or ranges').default([]),
    /** Whether a PATCH without If-Match is refused (428). */
    strictIfMatch: flag.default(false),
    /** Bytes of a request body. */
    maxBodyBytes: count.optional(),
    /** Whoever brings it as a bearer token may ask for sessions and media counters. Default: only this machine may. */
    adminToken: z.string({ error: 'a text' }).min(16, { error: 'a text of at least 16 characters' }).optional(),
    /** Whether `/api/v1/streams` tells everybody what is live. Default: only when `host` is a loopback address. */
    streamList: flag.optional(),
  }).prefault({}),
  rtc: group({
    /** Port of all sessions; 0 takes a free one. */
    port: port.default(8000),
    /** Local addresses to listen on. Default: all. */
    addresses: list(ipAddress, 'IP addresses').optional(),
    /** Addresses that clients see when this machine is behind a NAT. */
    externalAddresses: list(ipAddress, 'IP addresses').optional(),
    /** Whether private addresses of this machine are offered beside external ones, for clients in its own network. */
    privateCandidates: flag.default(true),
    /** Whether media is offered over TCP on the same port number too, for networks that let no UDP through; not when `http.port` is the same. */
    tcp: flag.default(true),
    /** TCP connections of all peers together. */
    maxTcpConnections: count.optional(),
    /** TCP connections from one IP address. */
    maxTcpConnectionsPerAddress: count.optional(),
    /** Bytes queued in one TCP connection. */
    maxTcpSendQueueBytes: count.optional(),
    /** Time from a TCP connection's start until a connectivity check on it must be verified, milliseconds. */
    tcpVerifyTimeoutMs: deadline.optional(),
    /** STUN requests without valid credentials that are answered, of all sessions together, per second. */
    maxStunRefusalsPerSecond: count.optional(),
    /** Authentic connectivity checks of one session per second. */
    maxChecksPerSecond: count.optional(),
    /** How often packets from unknown ports of a known host are tried with its sessions, per second; 0 = media follows a peer to another port only when it checks from there. */
    maxMoveTrialsPerSecond: count.optional(),
    /** Candidates and checks of one session that are kept, to say why it did not connect. */
    maxDiagnosisEntries: count.optional(),
    /** Silence after which a session counts as disconnected, milliseconds. */
    disconnectedAfterMs: deadline.optional(),
    /** Silence after which a session is closed, milliseconds. */
    closedAfterMs: deadline.optional(),
    /** Time from the request until the peer must be connected, milliseconds. */
    connectTimeoutMs: deadline.optional(),
    /** How long packets are gathered before they are passed on to viewers together, milliseconds. */
    flushIntervalMs: wholeNumber('a number of milliseconds', { min: 0, max: 20 }).optional(),
    /** How packets are encrypted and sent; `native` needs Linux and the optional package koffi. */
    tier: z.enum(['auto', 'native', 'portable'], { error: 'auto, native or portable' }).optional(),
    /** Threads that encrypt and send to viewers beside the main one; auto = one less than there are processors. */
    workers: z.union([z.literal('auto'), wholeNumber('a number of threads', { min: 0, max: 64 })], { error: 'auto or a number of threads from 0 to 64' }).optional(),
    /** Least time between two keyframe requests for one track of a publisher, milliseconds. */
    keyframeIntervalMs: milliseconds.optional(),
    /** What a browser that publishes video is told to begin with, kbit/s; 0 leaves it to the browser. */
    startBitrateKbps: count.optional(),
    /** The least that a browser which publishes video is told to send, kbit/s; 0 = it decides. */
    minBitrateKbps: count.optional(),
    /** The most that a browser which publishes video is told to send, kbit/s; 0 = it decides. */
    maxBitrateKbps: count.optional(),
    /** Bytes of packets since the last keyframe that each video source keeps for viewers who come late; 0 = none. */
    keyframeCacheBytes: count.optional(),
    /** Packets per second and m-line that a viewer's NACKs are answered with. */
    maxRetransmissionsPerSecond: count.optional(),
    /** What a viewer's path is taken to carry before anything is known of it, kbit/s. */
    viewerStartBitrateKbps: positive.optional(),
    /** Least that the estimate of a viewer's path falls to, kbit/s. */
    viewerMinBitrateKbps: positive.optional(),
    /** Most that it grows to, kbit/s. */
    viewerMaxBitrateKbps: positive.optional(),
    /** Data channels of one session. */
    maxDataChannels: count.optional(),
    /** Bytes queued in one data channel. */
    maxBufferedBytes: count.optional(),
    /** Messages queued in all data channels of one session. */
    maxBufferedMessages: count.optional(),
  }).prefault({}),
  streams: group(streams).prefault({}),
  limits: group(limits).prefault({}),
  timeouts: group(timeouts).prefault({}),
  /** URLs asked at the hook points; see `@sluice/plugin-webhooks`. */
  hooks: group({
    onPublish: hookUrl.optional(),
    onPlay: hookUrl.optional(),
    onStreamNotFound: hookUrl.optional(),
    onStreamNoneReader: hookUrl.optional(),
    timeoutMs: deadline.optional(),
    retries: wholeNumber('a whole number', { min: 0, max: 10 }).optional(),
    retryDelayMs: milliseconds.optional(),
    maxResponseBytes: count.optional(),
    maxConnections: count.optional(),
    mediaServerId: text.optional(),
  }).prefault({}),
  /** Packages or paths, found from the folder of the config file; a config in TypeScript may hold plugins too. */
  plugins: list(pluginEntry, 'plugins').default([]),
  /** Whether the stream `live/demo` plays. */
  demo: flag.default(true),
  log: group({
    level: z.enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'debug, info, warn, error or silent' }).default('info'),
    /** Default: pretty on a terminal, JSON elsewhere. */
    format: z.enum(['pretty', 'json'], { error: 'pretty or json' }).optional(),
  }).prefault({}),
});

/** A complete configuration. */
export type ServerConfig = z.output<typeof configSchema>;

/** What a config file holds; everything has a default. */
export type ServerConfigInput = z.input<typeof configSchema>;

/** One entry of `plugins`. */
export type PluginEntry = ServerConfig['plugins'][number];

/** Gives a config file in TypeScript its types: `export default defineConfig({ … })`. */
export function defineConfig(config: ServerConfigInput): ServerConfigInput {
  return config;
}

/** Whether a value is what `definePlugin` makes, of any contract version. */
export function isPlugin(value: unknown): value is WebRtcPlugin {
  return typeof value === 'object' && value !== null && 'api' in value && 'name' in value && typeof value.api === typeof PLUGIN_API;
}

function group<T extends z.ZodRawShape>(shape: T) {
  // The error of an unknown key is made where the valid keys are known.
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'a group of settings') });
}

function list<T extends z.ZodType>(element: T, what: string) {
  return z.array(element, { error: `a list of ${what}` });
}

function wholeNumber(what: string, { min, max }: { min: number; max: number }) {
  const error = max === Number.MAX_SAFE_INTEGER ? `${what} of at least ${min}` : `${what} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}
