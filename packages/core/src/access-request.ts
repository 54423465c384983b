import type { AccessRequest } from './hook-points.ts';
import type { SessionRequest } from './manager-types.ts';
import { checkName } from './names.ts';
import { DEFAULT_VHOST } from './stream-key.ts';
import { traceContextOf } from './tracing.ts';

/**
 * What hooks and plugins are given for a front door's request.
 * @throws MediaError ARGUMENT_INVALID
 */
export function accessRequestOf(type: string, request: SessionRequest, sessionId: string): AccessRequest {
  const { app, stream, query = '' } = request;
  const vhost = request.vhost || DEFAULT_VHOST;
  checkName('vhost', vhost);
  checkName('app', app);
  checkName('stream', stream);
  return {
    type,
    sessionId,
    vhost,
    app,
    stream,
    query,
    protocol: request.protocol ?? '',
    params: request.params ?? paramsOf(query),
    headers: request.headers ?? {},
    remote: request.remote ?? { address: '', port: 0 },
    credentials: request.credentials ?? {},
    requestId: request.requestId,
    trace: traceContextOf(request.headers ?? {}),
    url: urlOf(request.host ?? vhost, app, stream, query),
  };
}

/** Of a repeated name the first value, so that a second one cannot replace what was checked. */
function paramsOf(query: string): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(query)].toReversed());
}

function urlOf(host: string, app: string, stream: string, query: string): string {
  const address = `rtc://${host}/${encodeURIComponent(app)}/${encodeURIComponent(stream)}`;
  return query === '' ? address : `${address}?${query}`;
}
