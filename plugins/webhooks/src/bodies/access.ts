import type { AccessRequest, HookPoints } from '@sluice/core';

/** ZLMediaKit's number and name for a stream that a WebRTC peer publishes. */
const ORIGIN = { originType: 8, originTypeStr: 'rtc_push' } as const;

/** What a decision on a session is asked with; the head comes before it. */
export interface AccessBody {
  readonly app: string;
  readonly stream: string;
  readonly vhost: string;
  readonly schema: 'rtc';
  readonly protocol: 'rtc';
  /** The client's query string. */
  readonly params: string;
  readonly ip: string;
  readonly port: number;
  readonly id: string;
  /** Only of a session that exists already. */
  readonly renewal?: true;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
}

/** on_play and on_stream_not_found. */
export function playBody(request: AccessRequest, forwardCredentials: boolean): AccessBody {
  const { app, stream, vhost, query, remote, sessionId, credentials } = request;
  return {
    app,
    stream,
    vhost,
    schema: 'rtc',
    protocol: 'rtc',
    params: query,
    ip: remote.address,
    port: remote.port,
    id: sessionId,
    ...(request.renewal ? { renewal: true } : {}),
    ...(forwardCredentials ? { token: credentials.token, user: credentials.username } : {}),
  };
}

/** on_publish. */
export function publishBody(request: AccessRequest, forwardCredentials: boolean): AccessBody {
  return { ...playBody(request, forwardCredentials), ...ORIGIN };
}

/** What an answer may depend on: everything but what differs between two sessions that are alike. */
export function questionKey({ port: _port, id: _id, renewal: _renewal, ...rest }: AccessBody): string {
  return JSON.stringify(rest);
}

/** on_stream_none_reader. */
export function noneReaderBody(input: HookPoints['none-reader']['input']): object {
  const { vhost, app, stream } = input.stream;
  return { schema: 'rtc', vhost, app, stream, params: input.query };
}

