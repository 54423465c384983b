export { createApp } from './app.ts';
export type { Configuration, ConfigurationChange, ConfigurationEntry, ConfigurationView } from './configuration.ts';
export { EntityTags } from './whip/entity-tags.ts';
export { createMetricsApp } from './metrics.ts';
export type { HttpOptions, IceServer, MetricsExposition, ReadinessChecks } from './options.ts';
export { EventFeed } from './api/events/event-feed.ts';
export type { SessionInfo } from './api/sessions.ts';
export type { StreamInfo } from './api/streams.ts';
export { type WebSocketOptions, type WebSockets, createWebSockets } from './web-socket/server.ts';
