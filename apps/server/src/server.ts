import type { ServerConfig } from '@sluice/config';
import { consoleFolder } from '@sluice/console';
import { type Logger, type RtcEngine, WebRtcPluginManager, pathResolver } from '@sluice/core';
import { createApp } from '@sluice/http';
import { type RtcEngineOptions, createRtcEngine } from '@sluice/rtc';
import { announce } from './announce.ts';
import { consoleRoutes } from './console-files.ts';
import { isLoopback, mayAnybodyPublish } from './exposure.ts';
import { listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { loadPlugins } from './plugins.ts';

/** What {@link startServer} takes beside the configuration. */
export interface StartOptions {
  /** Default: a logger on stderr as the configuration wants it. */
  readonly logger?: Logger | undefined;
  /** Folder that the plugins of the configuration are resolved from. Default: the current one. */
  readonly folder?: string | undefined;
  /** Another media plane, for tests. */
  readonly createEngine?: ((options: RtcEngineOptions) => Promise<RtcEngine>) | undefined;
}

/** A server that takes requests. */
export interface RunningServer {
  /** `http://host:port` */
  readonly url: string;
  readonly httpPort: number;
  /** UDP. */
  readonly rtcPort: number;
  /** Takes no new request, closes sessions, plugins and ports. Idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server; when a part of it fails, those before it are closed again.
 * @throws MediaError PORT_IN_USE, PLUGIN_LOAD, CONFIG_INVALID and what plugins fail with
 */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { logger = createLogger(config.log), folder = process.cwd(), createEngine = createRtcEngine } = options;
  const plugins = await loadPlugins(config, folder);
  const closing = new AsyncDisposableStack();
  try {
    // HTTP cannot do without TCP on its port, and media can.
    const tcp = config.rtc.tcp && (config.rtc.port === 0 || config.rtc.port !== config.http.port);
    const engine = await createEngine({ ...config.rtc, tcp, logger });
    closing.defer(() => engine.close());
    const manager = new WebRtcPluginManager({ ...config, paths: pathResolver(config.paths), engine, logger });
    for (const plugin of plugins) manager.registerPlugin(plugin);

    const { host, trustedProxies: trustProxy, streamList = isLoopback(host) } = config.http;
    const app = createApp(manager, { ...config.http, trustProxy, streamList, engine, logger });
    app.route('/', consoleRoutes(consoleFolder));
    const http = await listen(app, config.http);
    // Last in, first out: viewers that wait get their answer before their connections are cut.
    closing.defer(() => http.close());
    closing.defer(() => manager.close());
    closing.defer(() => http.stopAccepting());

    await manager.ready();
    announce(logger, { engine, mayAnybodyPublish: mayAnybodyPublish(config, manager), host, httpPort: http.port });
    return { url: http.url, httpPort: http.port, rtcPort: engine.port, close: () => closing.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}
