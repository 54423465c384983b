import type { Undo } from './clock.ts';
import type { WebRtcSession } from './session.ts';
import type { TraceContext, Tracer } from './tracing.ts';

/** Records how long the peer of an answered session takes to connect. */
export function traceConnect(tracer: Tracer, parent: TraceContext | undefined, session: WebRtcSession): void {
  if (!session.onState) return;
  const span = tracer.startSpan('connect', { parent });
  const undos: Undo[] = [];
  const end = (error?: Error): void => {
    span.end(error);
    for (const undo of undos.splice(0)) undo();
  };
  undos.push(session.onState((state) => (state === 'connected' ? end() : undefined)));
  undos.push(session.onClosed((reason) => end(new Error(reason))));
}
