import type { ConfigStore, ServerConfig } from '@sluice/config';
import type { Logger, RtcEngine } from '@sluice/core';
import type { Configuration, ConfigurationChange } from '@sluice/http';
import type { RtcEngineOptions } from '@sluice/rtc';

/** What `startServer` takes beside the configuration. */
export interface StartOptions {
  /** Default: a logger on stderr as the configuration wants it. */
  readonly logger?: Logger | undefined;
  /** Folder that the plugins of the configuration are resolved from. Default: the current one. */
  readonly folder?: string | undefined;
  /** Where the configuration came from, for it to be reloaded, and shown and changed over HTTP. */
  readonly store?: ConfigStore | undefined;
  /** The admin token while the configuration has none. Default: a new one, see {@link RunningServer.adminToken}. */
  readonly adminToken?: string | undefined;
  /** Another media plane, for tests. */
  readonly createEngine?: ((options: RtcEngineOptions) => Promise<RtcEngine>) | undefined;
}

/** A server that takes requests. */
export interface RunningServer {
  /** `http://host:port`, or `https://` */
  readonly url: string;
  readonly httpPort: number;
  /** UDP. */
  readonly rtcPort: number;
  /** Makes an administrator of who brings it, as long as the configuration has no `http.adminToken`. */
  readonly adminToken: string;
  /** Reads, shows and changes the configuration; undefined without a store. */
  readonly configuration: Configuration | undefined;
  /**
   * Takes another configuration, as far as that goes without a restart, and says what needs one. Live sessions go on.
   * @throws MediaError CONFIG_INVALID and what plugins refuse it with; nothing has changed then
   */
  readonly reconfigure: (config: ServerConfig) => Promise<ConfigurationChange>;
  /** Reads the TLS certificate again, which also happens by itself when its files change; a wrong one is said in the log. */
  readonly reloadCertificate: () => void;
  /** Refuses new sessions and resolves when open ones have ended, or `shutdown.drainMs` is over; {@link close} it then. */
  readonly drain: () => Promise<void>;
  /** Takes no new request, closes sessions, plugins and ports. Idempotent. */
  readonly close: () => Promise<void>;
}
