import type { Logger, RemoteAddress, RtcEngine } from '@sluice/core';
import type { Context } from 'hono';
import type { EventFeed } from './api/events/event-feed.ts';
import type { Configuration } from './configuration.ts';
import type { EntityTags } from './whip/entity-tags.ts';

/** A STUN or TURN server that WHIP and WHEP clients are told of (RFC 9725 section 4.6). */
export interface IceServer {
  /** One or more `stun:`, `turn:` or `turns:` URLs. */
  readonly urls: string | readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

/** By name: gives why the server should get no new sessions; undefined when all is well. Everybody may read the words. */
export type ReadinessChecks = Readonly<Record<string, () => string | undefined>>;

/** Metrics in a text format that scrapers read. */
export interface MetricsExposition {
  readonly contentType: string;
  scrape(): Promise<string>;
}

/** What {@link createApp} takes beside the manager. */
export interface HttpOptions {
  readonly logger?: Logger | undefined;
  /** Of the program, for those who look at it: `/api/v1/stats`, and `version` of the ZLMediaKit API. */
  readonly version?: string | undefined;
  /** Bytes of a request body; a longer one is answered 413. Default 131,072. */
  readonly maxBodyBytes?: number | undefined;
  readonly iceServers?: readonly IceServer[] | undefined;
  /** Answers a trickle PATCH without If-Match with 428. Default false, because browser libraries cannot send it. */
  readonly strictIfMatch?: boolean | undefined;
  /** Serves `GET /api/v1/streams` to everybody who can reach this app. Default false. */
  readonly streamList?: boolean | undefined;
  /** Whoever brings it as `Authorization: Bearer` may use the management API. Without one nobody may. */
  readonly adminToken?: string | undefined;
  /** Counters and candidates of the media plane, for `GET /api/v1/media`; without it there is no such route. */
  readonly engine?: Pick<RtcEngine, 'port' | 'localCandidates' | 'stats'> | undefined;
  /** What else `GET /readyz` asks beside the manager. */
  readonly readyChecks?: ReadinessChecks | undefined;
  /** Served as `GET /metrics`; without it there is no such route. `@sluice/metrics` makes one. */
  readonly metrics?: MetricsExposition | undefined;
  /** Serves `/metrics` to everybody who can reach this app, and not to administrators only. Default false. */
  readonly openMetrics?: boolean | undefined;
  /** Shown and changed through the management API; without it there are no such routes. */
  readonly configuration?: Configuration | undefined;
  /** Of WHIP and WHEP sessions; apps that serve one manager one after the other share it. Default: the app's own. */
  readonly entityTags?: EntityTags | undefined;
  /** What `GET /api/v1/events` tells; apps that serve one manager one after the other share it. Default: the app's own. */
  readonly events?: EventFeed | undefined;
  /** Clients of `GET /api/v1/events` at the same time; more are answered 503. Default 50. */
  readonly maxEventClients?: number | undefined;
  /** Events that are kept for clients which come back with Last-Event-ID. Default 1,000. */
  readonly eventReplay?: number | undefined;
  /** Events that wait for one client; at more it is cut. Default 1,000. */
  readonly maxQueuedEvents?: number | undefined;
  /** Time between two comments that keep the connection of events alive, milliseconds. Default 15,000. */
  readonly eventHeartbeatMs?: number | undefined;
  /** Addresses and CIDR ranges of reverse proxies whose X-Forwarded-* headers are believed. Default none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** The address a request came from; the default asks the socket of `@hono/node-server`. */
  readonly clientAddress?: ((c: Context) => RemoteAddress | undefined) | undefined;
}
