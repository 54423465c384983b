import type { z } from 'zod';
import { authSettings, refuseUnverifiable } from './auth.ts';
import { hookSettings } from './hooks.ts';
import { httpSettings } from './http.ts';
import { flag, group, text } from './kinds.ts';
import { limitSettings } from './limits.ts';
import { logSettings } from './log.ts';
import { logsSettings } from './logs.ts';
import { pathSettings } from './paths.ts';
import { metricsSettings } from './metrics.ts';
import { peerSettings } from './peer.ts';
import { pluginSettings } from './plugins.ts';
import { pullSettings } from './pull.ts';
import { fileSettings } from './file.ts';
import { relaySettings } from './relay.ts';
import { rtcSettings } from './rtc.ts';
import { shutdownSettings } from './shutdown.ts';
import { streamSettings } from './streams.ts';
import { timeoutSettings } from './timeouts.ts';
import { tracingSettings } from './tracing.ts';

/**
 * Every setting of a server, one file per section. Each has its `description`; its default is in the schema (`.default(…)`),
 * or belongs to the part that has the setting and is told here (`.meta({ default })`). A value nobody may see is `secret`.
 */
export const configSchema = group({
  http: httpSettings.describe('Who is served over HTTP, and how.'),
  rtc: rtcSettings.describe('The media plane.'),
  streams: streamSettings.describe('Rules of every stream.'),
  paths: pathSettings.describe('Settings of some streams, by pattern: app/stream, vhost/app/stream, *, or ~ and a regular expression.'),
  limits: limitSettings.describe('Bounds of the whole server.'),
  timeouts: timeoutSettings.describe('Deadlines of plugins and hooks.'),
  auth: authSettings.describe('Who may publish and play.'),
  hooks: hookSettings.describe('URLs that are asked before something happens.'),
  pull: pullSettings.describe('Streams that are pulled from other servers by WHEP.'),
  file: fileSettings.describe('Clips on disk that are played as streams.'),
  peer: peerSettings.describe('WebSocket clients that play, publish and control streams.'),
  relay: relaySettings.describe('Messages between WebSocket clients.'),
  logs: logsSettings.describe('Who brings logs and who reads them, over WebSockets.'),
  plugins: pluginSettings.describe('Packages or paths, found from the folder of the config file; a config in TypeScript may hold plugins too.'),
  demo: flag.default(true).describe('Whether the stream live/demo plays.'),
  metrics: metricsSettings.describe('Numbers for Prometheus.'),
  shutdown: shutdownSettings.describe('How the server stops.'),
  tracing: tracingSettings.describe('How requests are handled, step by step, for OpenTelemetry.'),
  log: logSettings.describe('What is said on stderr.'),
  stateFile: text.optional().describe('Changes made through the API are kept in this file, from the folder of the config file. Default: they are gone after a restart.'),
}).superRefine(refuseUnverifiable);

/** A complete configuration. */
export type ServerConfig = z.output<typeof configSchema>;

/** What a config file holds; everything has a default. */
export type ServerConfigInput = z.input<typeof configSchema>;

/** Gives a config file in TypeScript its types: `export default defineConfig({ … })`. */
export function defineConfig(config: ServerConfigInput): ServerConfigInput {
  return config;
}
