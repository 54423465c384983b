import type { AccessRequest, HookPoints } from '@sluice/core';

/** ZLMediaKit's number and name for a stream that a WebRTC peer publishes. */
const ORIGIN = { originType: 8, originTypeStr: 'rtc_push' } as const;

/** What every body begins with. */
export interface BodyHead {
  readonly mediaServerId: string;
  /** Counts the questions of one server. */
  readonly hook_index: number;
}

/** on_play and on_stream_not_found. */
export function playBody(head: BodyHead, request: AccessRequest): object {
  return {
    ...head,
    app: request.app,
    stream: request.stream,
    vhost: request.vhost,
    schema: 'rtc',
    protocol: 'rtc',
    params: request.query,
    ip: request.remote.address,
    port: request.remote.port,
    id: request.sessionId,
  };
}

/** on_publish. */
export function publishBody(head: BodyHead, request: AccessRequest): object {
  return { ...playBody(head, request), ...ORIGIN };
}

/** on_stream_none_reader. */
export function noneReaderBody(head: BodyHead, input: HookPoints['none-reader']['input']): object {
  const { vhost, app, stream } = input.stream;
  return { ...head, schema: 'rtc', vhost, app, stream, params: input.query };
}
