export { createApp } from './app.ts';
export type { Configuration, ConfigurationChange, ConfigurationEntry, ConfigurationView } from './configuration.ts';
export { EntityTags } from './whip/entity-tags.ts';
export { createMetricsApp } from './metrics.ts';
export type { HttpOptions, IceServer, MetricsExposition, ReadinessChecks } from './options.ts';
export type { StreamInfo, TrackInfo } from './streams.ts';
