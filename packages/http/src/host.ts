import type { Logger, WebRtcPluginManager } from '@sluice/core';
import type { Context } from 'hono';
import type { AdminCheck } from './admin/admin-only.ts';
import type { Configuration } from './configuration.ts';
import type { HttpOptions } from './options.ts';
import type { Client } from './request/client.ts';
import type { EntityTags } from './whip/entity-tags.ts';

/** What the routes of one app share. */
export interface Host extends AdminCheck {
  readonly manager: WebRtcPluginManager;
  readonly logger: Logger;
  readonly version: string | undefined;
  readonly maxBodyBytes: number;
  readonly strictIfMatch: boolean;
  readonly streamList: boolean;
  readonly engine: HttpOptions['engine'];
  readonly configuration: Configuration | undefined;
  readonly adminToken: string | undefined;
  /** Value of the Link header; undefined without ICE servers. */
  readonly iceServerLinks: string | undefined;
  readonly entityTags: EntityTags;
  clientOf(c: Context): Client;
}
