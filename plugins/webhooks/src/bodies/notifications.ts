import { type MediaRow, type SessionSummary, type Stream, type StreamKey, DEFAULT_VHOST } from '@sluice/core';

/** on_stream_changed of a stream that is live now: its row of getMediaList, as far as it still can be asked. */
export function streamRegisteredBody(key: StreamKey, row: MediaRow | undefined): object {
  return { regist: true, ...(row ?? { schema: 'rtc', ...namesOf(key) }) };
}

/** on_stream_changed of a stream that has ended. */
export function streamEndedBody(key: StreamKey): object {
  return { regist: false, schema: 'rtc', ...namesOf(key) };
}

/** on_flow_report of a session that has ended; `duration` in seconds. */
export function flowReportBody(session: SessionSummary): object {
  const { stream, role, remote } = session;
  return {
    ...(stream ? namesOf(stream) : { vhost: DEFAULT_VHOST, app: '', stream: '' }),
    schema: 'rtc',
    protocol: 'rtc',
    params: session.query,
    ip: remote.address,
    port: remote.port,
    id: session.sessionId,
    totalBytes: session.bytesReceived + session.bytesSent,
    duration: Math.round(session.durationMs / 1000),
    player: role === 'viewer',
    reason: session.reason,
  };
}

/** on_server_keepalive: how much there is of what ZLMediaKit counts too. */
export function keepaliveBody(streams: readonly Stream[], sessions: number): object {
  return { data: { MediaSource: streams.length, Session: sessions } };
}

function namesOf({ vhost, app, stream }: StreamKey): object {
  return { vhost, app, stream };
}
