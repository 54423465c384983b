import { MediaError, type SessionRequest, type StreamKey, type WebSocketConnection } from '@sluice/core';
import type { StreamNames } from './protocol/messages.ts';

/** The application of a stream of which only the name is given. */
const DEFAULT_APP = 'live';

/**
 * What the hooks are asked: names of the stream as the URL of the socket has them, then as the message does, then the
 * default stream; everything else is the connection's.
 * @throws MediaError ARGUMENT_MISSING when nobody names a stream
 */
export function streamRequest({ query, headers, remote, credentials }: WebSocketConnection, names: StreamNames, defaultStream: StreamKey | undefined): SessionRequest {
  const given = (name: keyof StreamNames): string | undefined => query.get(name) || names[name];
  const stream = given('stream') ?? defaultStream?.stream;
  if (stream === undefined) throw new MediaError('ARGUMENT_MISSING', 'Name a stream, in the query of the URL (?app=live&stream=…) or in data (app, stream); the server has no default one.');
  return {
    stream,
    app: given('app') ?? defaultStream?.app ?? DEFAULT_APP,
    vhost: given('vhost') ?? defaultStream?.vhost,
    query: query.toString(),
    headers: Object.fromEntries(headers),
    host: headers.get('host') ?? undefined,
    remote,
    credentials,
    protocol: 'peer',
  };
}
