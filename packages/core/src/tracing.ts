import type { Awaitable } from './hook-points.ts';

/** Where a request stands in a trace, in the words of its headers (W3C Trace Context). */
export interface TraceContext {
  /** `version-traceId-parentId-flags` */
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** Attribute values of OpenTelemetry, as far as Sluice uses them. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** One piece of work in a trace. */
export interface Span {
  /** For whatever is done as a part of this; undefined outside of any trace. */
  readonly context: TraceContext | undefined;
  set(attributes: SpanAttributes): void;
  /** The first call counts. @param error why the work failed */
  end(error?: unknown): void;
}

/** What a span is begun with. */
export interface SpanOptions {
  readonly parent?: TraceContext | undefined;
  /** `server` = work for a remote party, `client` = a remote party works for us. Default `internal`. */
  readonly kind?: 'internal' | 'server' | 'client' | undefined;
  readonly attributes?: SpanAttributes | undefined;
}

/** Records traces. It must never throw, and never keep work waiting. */
export interface Tracer {
  startSpan(name: string, options?: SpanOptions): Span;
}

/** Records nothing, and passes on the context that a request came with. */
export const noTracer: Tracer = {
  startSpan: (_name, options) => ({ context: options?.parent, set: () => undefined, end: () => undefined }),
};

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?<more>-.*)?$/;
/** W3C Trace Context section 3.3.1.5 asks for at least this. */
const MAX_TRACESTATE = 512;

/** The context that a request's headers carry (names in lower case); undefined when there is none, or none that is valid. */
export function traceContextOf(headers: Readonly<Record<string, string>>): TraceContext | undefined {
  const { traceparent = '', tracestate } = headers;
  const match = traceparent.length > 128 ? null : TRACEPARENT.exec(traceparent);
  // Only later versions may have more fields (section 3.2.4).
  if (!match || (traceparent.startsWith('00') && match.groups?.['more'] !== undefined)) return undefined;
  const hasState = tracestate !== undefined && tracestate !== '' && tracestate.length <= MAX_TRACESTATE;
  return hasState ? { traceparent, tracestate } : { traceparent };
}

/** Does `task` as one span, which ends with it. */
export async function traced<T>(tracer: Tracer, name: string, options: SpanOptions, task: (span: Span) => Awaitable<T>): Promise<T> {
  const span = tracer.startSpan(name, options);
  try {
    const result = await task(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
