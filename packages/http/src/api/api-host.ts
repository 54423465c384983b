import type { Context } from 'hono';
import type { Host } from '../host.ts';
import type { EventFeed } from './events/event-feed.ts';

/** What the routes of the management API share. */
export interface ApiHost extends Host {
  readonly events: EventFeed;
  readonly eventOptions: { readonly heartbeatMs: number; readonly maxQueued: number };
  /** The body as JSON. @throws MediaError ARGUMENT_INVALID, OFFER_TOO_LARGE */
  readJson(c: Context): Promise<unknown>;
}
