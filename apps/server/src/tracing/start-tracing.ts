import type { ServerConfig } from '@sluice/config';
import { type Logger, type Tracer, noTracer } from '@sluice/core';

/** How long the end of a server waits for the last spans, milliseconds. */
const CLOSE_TIMEOUT_MS = 1_500;

/** What records the traces of a server. */
export interface RunningTracing {
  readonly tracer: Tracer;
  close(): Promise<void>;
}

/** Without an endpoint nothing is recorded, and nothing of OpenTelemetry is loaded. */
export async function startTracing({ endpoint, ...options }: ServerConfig['tracing'], logger: Logger): Promise<RunningTracing> {
  if (endpoint === undefined) return { tracer: noTracer, close: async () => undefined };
  const { createOpenTelemetry } = await import('./open-telemetry.ts');
  const tracing = createOpenTelemetry({ ...options, endpoint, logger });
  return { tracer: tracing.tracer, close: () => closeInTime(tracing, logger) };
}

/** A collector that is gone must not hold up the end. */
async function closeInTime(tracing: RunningTracing, logger: Logger): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSE_TIMEOUT_MS);
  try {
    await Promise.race([tracing.close(), late.promise]);
  } catch (error) {
    logger.warn({ err: error }, 'The last traces could not be sent');
  } finally {
    clearTimeout(timer);
  }
}
