import type { LogSpan } from '../log-entry.ts';
import type { JsonObject } from '../../web-socket/json-object.ts';

/** The span that tracing libraries write among the fields (OpenTelemetry's names); undefined when there is none. */
export function spanOf({ trace_id: traceId, span_id: id, parent_id: parentId }: JsonObject): LogSpan | undefined {
  if (typeof traceId !== 'string' || traceId === '') return undefined;
  return { id: typeof id === 'string' && id !== '' ? id : traceId, trace_id: traceId, ...(typeof parentId === 'string' && parentId !== '' && { parent_id: parentId }) };
}
