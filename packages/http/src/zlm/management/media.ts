import { MediaError, mediaRow, sessionSock, streamKeyText, systemClock, type MediaRow, type Stream } from '@sluice/core';
import type { Host } from '../../host.ts';
import type { ZlmCommand } from './command.ts';
import { isYes, streamKeyOf, streamNamed, streamsFitting } from './filters.ts';

/** Words of ZLMediaKit that its clients compare. */
const NO_STREAM = 'can not find the stream';

const REASON = 'closed by the ZLMediaKit API';

/** What is live, who watches it, and its end. */
export const mediaCommands: Readonly<Record<string, ZlmCommand>> = {
  getMediaList: (params, host) => ({ data: streamsFitting(params, host).map((stream) => rowOf(stream, host)) }),

  getMediaInfo(params, host) {
    const stream = streamNamed(params, host);
    if (!stream) return { code: -500, msg: NO_STREAM, online: false };
    return { online: true, ...rowOf(stream, host) };
  },

  isMediaOnline: (params, host) => ({ online: streamNamed(params, host) !== undefined }),

  getMediaPlayerList(params, host) {
    const stream = streamNamed(params, host);
    if (!stream) throw new MediaError('STREAM_NOT_FOUND', NO_STREAM);
    const name = streamKeyText(streamKeyOf(params));
    const viewers = host.manager.sessions.list().filter(({ role, stream: key }) => role === 'viewer' && key !== undefined && streamKeyText(key) === name);
    return { data: viewers.map((record) => ({ ...sessionSock(record), typeid: record.plugin })) };
  },

  close_stream(params, host) {
    const stream = streamNamed(params, host);
    if (!stream) return { code: -1, result: -2, msg: NO_STREAM };
    if (!closeUnlessWatched(stream, params['force'])) return { code: -1, result: -1, msg: 'close failed: the stream is watched, and force is not 1' };
    return { result: 0, msg: 'success' };
  },

  close_streams(params, host) {
    const hit = streamsFitting(params, host);
    const closed = hit.filter((stream) => closeUnlessWatched(stream, params['force']));
    return { count_hit: hit.length, count_closed: closed.length };
  },
};

function rowOf(stream: Stream, { manager }: Host): MediaRow {
  return mediaRow(stream, { clock: systemClock, sessions: manager.sessions });
}

function closeUnlessWatched(stream: Stream, force: string | undefined): boolean {
  if (stream.readerCount > 0 && !isYes(force)) return false;
  stream.close(REASON);
  return true;
}
