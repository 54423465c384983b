export { DEFAULT_MAX_STREAMS, type Metrics, type MetricsOptions, createMetrics } from './metrics.ts';
