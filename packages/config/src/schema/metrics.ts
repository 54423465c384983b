import { count, flag, group, port, text } from './kinds.ts';

/** `metrics`: numbers for Prometheus. */
export const metricsSettings = group({
  enabled: flag.default(true).describe('Whether GET /metrics answers.'),
  open: flag.default(false).describe('Whether everybody who reaches HTTP may read them; otherwise administrators only (http.adminToken).'),
  port: port.optional().describe('Serves them on a port of their own instead, without authentication; 0 takes a free one. Default: on the port of HTTP.'),
  host: text.default('127.0.0.1').describe('Address that the port of their own listens on.'),
  maxStreams: count.default(50).describe('Streams with labels of their own, those with the most viewers; all others count together as "other".'),
}).prefault({});
