import { type Context, ROOT_CONTEXT, type Span as OpenTelemetrySpan, SpanKind, SpanStatusCode, type Tracer as OpenTelemetryTracer, TraceFlags, createTraceState, isSpanContextValid, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, BatchSpanProcessor, ParentBasedSampler, type SpanExporter, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Logger, MediaError, type Span, type SpanOptions, type TraceContext, type Tracer } from '@sluice/core';
import { serverVersion } from '../version.ts';

/** One export, milliseconds; the end of the server waits no longer for what is left. */
const EXPORT_TIMEOUT_MS = 2_000;
/** OTLP/HTTP section "Request": the path of traces when a collector is named without one. */
const DEFAULT_PATH = '/v1/traces';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/** What {@link createOpenTelemetry} takes. */
export interface OpenTelemetryOptions {
  /** A collector's URL. */
  readonly endpoint: string;
  readonly authorization?: string | undefined;
  /** 0 to 1. */
  readonly sampleRatio: number;
  readonly serviceName: string;
  readonly logger: Logger;
}

/** A tracer that sends its spans to a collector. */
export interface OpenTelemetryTracing {
  readonly tracer: Tracer;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Records spans with OpenTelemetry and sends them over OTLP/HTTP. Nothing of it is global. */
export function createOpenTelemetry({ endpoint, authorization, sampleRatio, serviceName, logger }: OpenTelemetryOptions): OpenTelemetryTracing {
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  const exporter = new OTLPTraceExporter({ url: withPath(endpoint), headers, timeoutMillis: EXPORT_TIMEOUT_MS });
  const sampler = new TraceIdRatioBasedSampler(sampleRatio);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': serverVersion() }),
    // A client that says its trace is sampled must not make us record all that it asks for.
    sampler: new ParentBasedSampler({ root: sampler, remoteParentSampled: sampler, remoteParentNotSampled: new AlwaysOffSampler() }),
    spanProcessors: [new BatchSpanProcessor({ exporter: sayingFailures(exporter, logger), exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  return { tracer: new SluiceTracer(provider.getTracer('sluice')), close: () => provider.shutdown() };
}

class SluiceTracer implements Tracer {
  readonly #tracer: OpenTelemetryTracer;

  constructor(tracer: OpenTelemetryTracer) {
    this.#tracer = tracer;
  }

  startSpan(name: string, { parent, kind = 'internal', attributes }: SpanOptions = {}): Span {
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(parent));
    return {
      context: traceContextOfSpan(span),
      set: (more) => void span.setAttributes(more),
      end: (error) => {
        if (error !== undefined) markFailed(span, error);
        span.end();
      },
    };
  }
}

function markFailed(span: OpenTelemetrySpan, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  if (MediaError.is(error)) span.setAttributes({ 'error.type': error.code, 'sluice.culprit': error.plugin });
}

function contextOf(parent: TraceContext | undefined): Context {
  if (!parent) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = parent.traceparent.split('-');
  const traceState = parent.tracestate === undefined ? undefined : createTraceState(parent.tracestate);
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true, ...(traceState && { traceState }) };
  return isSpanContextValid(context) ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT;
}

function traceContextOfSpan(span: OpenTelemetrySpan): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

/** The SDK says failures to a logger of the whole process only. */
function sayingFailures(exporter: SpanExporter, logger: Logger): SpanExporter {
  let failures = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error) {
          failures += 1;
          logger.warn({ err: result.error, spans: spans.length, failures }, 'Traces could not be sent to tracing.endpoint');
        }
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

function withPath(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = DEFAULT_PATH;
  return url.href;
}
