import { MediaError, type MediaTrack, type Stream, type StreamKey, streamKeyText } from '@sluice/core';
import { z } from 'zod';
import type { ApiHost } from './api-host.ts';
import { pageOf, pageQuery } from './pagination.ts';
import { PAGE_HEADERS, defineRoute, nextLink } from './route.ts';
import { list, text } from './schemas/schema.ts';
import { stream as streamSchema, streamDetail } from './schemas/stream.ts';

/** One live stream, as `GET /api/v1/streams` lists it. */
export type StreamInfo = z.output<typeof streamSchema>;

const names = z.strictObject({ vhost: text, app: text, stream: text });
const PATH = '/streams/{vhost}/{app}/{stream}';

const listStreams = defineRoute({
  method: 'get',
  path: '/streams',
  operationId: 'listStreams',
  summary: 'Live streams, by name',
  tag: 'Streams',
  access: 'streamList',
  query: z.object({ ...pageQuery, vhost: text.optional(), app: text.optional(), stream: text.optional(), state: z.enum(['live', 'interrupted']).optional() }),
  response: list(streamSchema),
  responseDescription: 'One page of streams.',
  responseHeaders: PAGE_HEADERS,
  handle({ query, host, c }) {
    const { vhost, app, stream, state } = query;
    const rows = host.manager.streams
      .list()
      .filter((row) => fits(row.key.vhost, vhost) && fits(row.key.app, app) && fits(row.key.stream, stream) && fits(row.state, state))
      .toSorted((a, b) => (streamKeyText(a.key) < streamKeyText(b.key) ? -1 : 1));
    const page = pageOf(rows, query, ({ key }) => ({ id: streamKeyText(key), order: [streamKeyText(key)] }));
    return { body: page.rows.map(infoOf), headers: nextLink(c, page.next) };
  },
});

const getStream = defineRoute({
  method: 'get',
  path: PATH,
  operationId: 'getStream',
  summary: 'One stream with its publisher and viewers',
  tag: 'Streams',
  access: 'admin',
  params: names,
  response: streamDetail,
  responseDescription: 'The stream.',
  errors: ['STREAM_NOT_FOUND'],
  handle: ({ params, host }) => ({ body: detailOf(find(host, params), host) }),
});

const closeStream = defineRoute({
  method: 'delete',
  path: PATH,
  operationId: 'closeStream',
  summary: 'Close a stream, with its publisher and viewers',
  tag: 'Streams',
  access: 'admin',
  params: names,
  responseDescription: 'It is closed.',
  errors: ['STREAM_NOT_FOUND'],
  handle({ params, host }) {
    find(host, params).close('closed by an administrator');
    return { body: undefined };
  },
});

export const streamRoutes = [listStreams, getStream, closeStream];

function find(host: ApiHost, key: StreamKey): Stream {
  const stream = host.manager.streams.find(key);
  if (stream) return stream;
  throw new MediaError('STREAM_NOT_FOUND', 'There is no live stream of this name.');
}

/** Whether a filter lets a value pass. */
function fits(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted;
}

function infoOf(stream: Stream): StreamInfo {
  return { ...commonOf(stream), origin: stream.origin.type };
}

function detailOf(stream: Stream, { manager }: ApiHost): z.input<typeof streamDetail> {
  const name = streamKeyText(stream.key);
  const viewers = manager.sessions.list().filter(({ role, stream: key }) => role === 'viewer' && key !== undefined && streamKeyText(key) === name);
  const { type, url, state, lastError, failedAttempts } = stream.origin;
  return {
    ...commonOf(stream),
    origin: { type, url, state, lastError, failedAttempts },
    publisherSessionId: stream.publisherSessionId,
    viewerSessionIds: viewers.map(({ id }) => id),
    aliveMs: Math.max(0, Date.now() - (stream.liveSince ?? Date.now())),
  };
}

function commonOf(stream: Stream): Omit<StreamInfo, 'origin'> {
  const { vhost, app, stream: name } = stream.key;
  return {
    vhost,
    app,
    stream: name,
    state: stream.state,
    liveSince: stream.liveSince,
    readers: stream.readerCount,
    totalReaders: stream.totalReaderCount,
    tracks: stream.tracks.map(trackOf),
  };
}

function trackOf(track: MediaTrack): StreamInfo['tracks'][number] {
  return { kind: track.kind, codec: track.codec?.name, ...track.stats() };
}
