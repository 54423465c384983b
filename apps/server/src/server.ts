import type { ServerConfig } from '@sluice/config';
import { type RtcEngine, WebRtcPluginManager, pathResolver } from '@sluice/core';
import { createWebSockets } from '@sluice/http';
import { createRtcEngine } from '@sluice/rtc';
import { newAdminToken } from './admin-token.ts';
import { announce } from './announce.ts';
import { drain } from './drain.ts';
import { ExposureWatch, warnOfOpenLogs } from './exposure.ts';
import { createHttpDoors } from './http-doors.ts';
import { type Listening, listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { LoopWatch } from './loop-watch.ts';
import { startMetrics } from './metrics.ts';
import { loadPlugins } from './plugins.ts';
import { createConfiguration } from './reload/configuration.ts';
import { LiveConfig } from './reload/live-config.ts';
import { liveParts } from './reload/live-parts.ts';
import type { RunningServer, StartOptions } from './running-server.ts';
import { startTracing } from './tracing/start-tracing.ts';
import { CertificateWatch, readTlsFiles, tlsFilesIn } from './tls.ts';
import { listenForWebSockets, ownPortEndpoints } from './web-socket-ports.ts';

/**
 * Starts a server; when a part of it fails, those before it are closed again.
 * @throws MediaError PORT_IN_USE, PLUGIN_LOAD, CONFIG_INVALID and what plugins fail with
 */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { logger = createLogger(config.log), folder = process.cwd(), store, createEngine = createRtcEngine, adminToken = newAdminToken() } = options;
  const plugins = await loadPlugins(config, folder);
  const closing = new AsyncDisposableStack();
  try {
    const tracing = await startTracing(config.tracing, logger);
    closing.defer(() => tracing.close());
    // HTTP cannot do without TCP on its port, and media can.
    const tcp = config.rtc.tcp && (config.rtc.port === 0 || config.rtc.port !== config.http.port);
    const engine = await createEngine({ ...config.rtc, tcp, logger });
    closing.defer(() => engine.close());
    const manager = new WebRtcPluginManager({ ...config, paths: pathResolver(config.paths), engine, logger, tracer: tracing.tracer });
    for (const plugin of plugins.all) manager.registerPlugin(plugin);

    const metrics = await startMetrics(config.metrics, { manager, engine, logger });
    closing.defer(() => metrics.close());
    const loop = new LoopWatch(config.http.maxLoopLagMs);
    closing.defer(() => loop.close());
    const readyChecks = { media: () => mediaProblem(engine), eventLoop: () => loop.problem() };
    const serveHttp = (next: ServerConfig): void => {
      doors.serve(next);
      webSockets.trust(next.http.trustedProxies);
    };
    const parts = liveParts({ started: config, manager, logger, plugins, folder, serveHttp });
    const live = new LiveConfig({ logger, started: config, parts });
    const configuration = store && createConfiguration(store, live);
    const doors = createHttpDoors(manager, config, { ...metrics.http, readyChecks, engine, logger, configuration, adminToken });
    const tlsFiles = config.http.tls && tlsFilesIn(folder, config.http.tls);
    const tls = tlsFiles && readTlsFiles(tlsFiles);
    const webSockets = createWebSockets(manager, { logger, trustProxy: config.http.trustedProxies });
    const http = await listen(doors, { ...config.http, tls, onUpgrade: (...request) => webSockets.upgrade(...request) });
    const ownPorts: Listening[] = [];
    closing.defer(async () => void (await Promise.all(ownPorts.map((own) => own.close()))));
    // Last in, first out: viewers that wait get their answer before their connections are cut.
    closing.defer(() => http.close());
    closing.defer(() => manager.close());
    closing.defer(() => webSockets.close());
    closing.defer(() => http.stopAccepting());

    const certificate = tlsFiles && new CertificateWatch({ ...tlsFiles, logger, onChanged: (credentials) => { for (const server of [http, ...ownPorts]) server.setCredentials(credentials); } });
    closing.defer(() => certificate?.close());
    await manager.ready();
    for (const endpoint of ownPortEndpoints(manager)) {
      // One after the other, so that those before are closed when one fails.
      ownPorts.push(await listenForWebSockets(endpoint, { webSockets, host: config.http.host, tls, logger }));
    }
    announce(logger, { engine });
    const exposure = new ExposureWatch({ manager, logger, host: config.http.host, httpPort: http.port });
    exposure.check(config);
    warnOfOpenLogs(config, logger);
    live.onApplied((next) => exposure.check(next));
    const { url, port: httpPort } = http;
    return { url, httpPort, rtcPort: engine.port, adminToken, configuration, reconfigure: (next) => live.apply(next), reloadCertificate: () => certificate?.reload(), drain: () => drain({ manager, logger, drainMs: config.shutdown.drainMs }), close: () => closing.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** Without a candidate no peer can connect. */
function mediaProblem({ localCandidates }: RtcEngine): string | undefined {
  return localCandidates.length > 0 ? undefined : 'no address to offer media on';
}
