import { z } from 'zod';
import { group, httpUrl, text } from './kinds.ts';

/** `tracing`: how requests are handled, step by step, for OpenTelemetry. */
export const tracingSettings = group({
  endpoint: httpUrl.optional().describe('URL of a collector that takes OTLP over HTTP, for example http://127.0.0.1:4318. Default: nothing is recorded.'),
  authorization: text.optional().meta({ description: 'Authorization header for the collector.', secret: true }),
  sampleRatio: z
    .number({ error: 'a number from 0 to 1' })
    .min(0, { error: 'a number from 0 to 1' })
    .max(1, { error: 'a number from 0 to 1' })
    .default(1)
    .describe('Which part of all traces is recorded, 0 to 1. What a caller does not record is not recorded here either.'),
  serviceName: text.default('sluice').describe('Name of this server in traces.'),
}).prefault({});
