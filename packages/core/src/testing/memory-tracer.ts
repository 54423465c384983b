import type { Span, SpanAttributes, SpanOptions, TraceContext, Tracer } from '../tracing.ts';

/** One span of a {@link MemoryTracer}. */
export interface RecordedSpan {
  readonly name: string;
  readonly parent: TraceContext | undefined;
  readonly context: TraceContext;
  readonly attributes: Record<string, string | number | boolean | undefined>;
  /** What it failed with. */
  error: unknown;
  ended: boolean;
}

/** Keeps spans, so that tests can read them, in the order of their start. */
export class MemoryTracer implements Tracer {
  readonly spans: RecordedSpan[] = [];

  startSpan(name: string, { parent, attributes = {} }: SpanOptions = {}): Span {
    const traceId = parent?.traceparent.split('-')[1] ?? 'f'.repeat(32);
    const spanId = String(this.spans.length + 1).padStart(16, '0');
    const span: RecordedSpan = {
      name,
      parent,
      context: { traceparent: `00-${traceId}-${spanId}-01` },
      attributes: { ...attributes },
      error: undefined,
      ended: false,
    };
    this.spans.push(span);
    return {
      context: span.context,
      set: (more: SpanAttributes) => void Object.assign(span.attributes, more),
      end: (error?: unknown) => {
        if (span.ended) return;
        span.ended = true;
        span.error = error;
      },
    };
  }
}
