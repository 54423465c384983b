import type { Logger, WebRtcPluginManager } from '@sluice/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { HttpOptions } from './options.ts';
import type { Client } from './request/client.ts';
import type { EntityTags } from './whip/entity-tags.ts';

/** What the routes of one app share. */
export interface Host {
  readonly manager: WebRtcPluginManager;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly strictIfMatch: boolean;
  readonly streamList: boolean;
  readonly engine: HttpOptions['engine'];
  /** Keeps everybody out who may not administer the server. */
  readonly adminOnly: MiddlewareHandler;
  /** Value of the Link header; undefined without ICE servers. */
  readonly iceServerLinks: string | undefined;
  readonly entityTags: EntityTags;
  clientOf(c: Context): Client;
}
