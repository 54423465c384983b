import { expect, test } from 'vitest';
import type { Codec, TrackStats } from '../media.ts';
import type { SessionRecord } from '../session.ts';
import type { Stream } from '../stream.ts';
import { EMPTY_TRACK_STATS, FAKE_CODECS, FakeClock, FakeTrack, fakeDiagnosis, fakeSession } from '../testing/index.ts';
import { mediaRow } from './media-row.ts';

const clock = new FakeClock(1_700_000_012_900);
const noSession = { find: () => undefined };

function track(kind: 'audio' | 'video', stats: Partial<TrackStats> = {}, codec: Codec = FAKE_CODECS[kind]): FakeTrack {
  const made = new FakeTrack(kind, kind, codec);
  made.stats = () => ({ ...EMPTY_TRACK_STATS, ...stats });
  return made;
}

function stream(changes: Partial<Stream> = {}): Stream {
  return {
    key: { vhost: '__defaultVhost__', app: 'live', stream: 'a' },
    state: 'live',
    tracks: [],
    liveSince: 1_700_000_000_500,
    readerCount: 2,
    totalReaderCount: 7,
    query: '',
    publisherSessionId: undefined,
    origin: { type: 'push', state: 'live' },
    channels: undefined,
    addReader: () => () => undefined,
    deliver: () => undefined,
    close: () => undefined,
    ...changes,
  };
}

function publisher(): SessionRecord {
  const session = Object.assign(fakeSession(), {
    diagnosis: () =>
      fakeDiagnosis({
        pair: { protocol: 'udp', local: { address: '192.0.2.7', port: 8000 }, remote: { address: '198.51.100.4', port: 40_000 }, nominated: true, since: 0, moves: 0 },
      }),
  });
  const names = { id: 'id', token: 'secret', type: 'push', plugin: 'push', role: 'publisher', stream: undefined, protocol: 'whip', query: 'key=1', grant: { endsAt: undefined, renewsAt: undefined, maxReaders: undefined, control: undefined, identity: undefined } } as const;
  return { ...names, remote: { address: '203.0.113.9', port: 1 }, createdAt: 0, session };
}

test('says who publishes, from where, for how long and how much', () => {
  const tracks = [track('video', { bitrate: 800_000, bytesReceived: 1_000 }), track('audio', { bitrate: 32_000, bytesReceived: 50 })];
  const row = mediaRow(stream({ tracks, query: 'key=1', publisherSessionId: 'id' }), { clock, sessions: { find: (id) => (id === 'id' ? publisher() : undefined) } });
  expect(row).toMatchObject({
    schema: 'rtc',
    vhost: '__defaultVhost__',
    app: 'live',
    stream: 'a',
    params: 'key=1',
    createStamp: 1_700_000_000,
    aliveSecond: 12,
    bytesSpeed: 104_000,
    totalBytes: 1_050,
    readerCount: 2,
    totalReaderCount: 2,
    originType: 8,
    originTypeStr: 'rtc_push',
    originUrl: 'rtc://__defaultVhost__/live/a?key=1',
    originSock: { identifier: 'id', local_ip: '192.0.2.7', local_port: 8000, peer_ip: '198.51.100.4', peer_port: 40_000 },
  });
});

test('says of pictures and sound what ZLMediaKit says of them', () => {
  const h264: Codec = { name: 'H264', clockRate: 90_000, parameters: {} };
  const video = { packetsReceived: 95, retransmittedPacketsReceived: 4, packetsLost: 1, framesReceived: 60, framesPerSecond: 29.6, keyFramesReceived: 3, keyFrameDistance: 30, keyFrameInterval: 1.0004, frameWidth: 1280, frameHeight: 720 };
  expect(mediaRow(stream({ tracks: [track('video', video, h264), track('audio', { packetsReceived: 50 })] }), { clock, sessions: noSession }).tracks).toEqual([
    { codec_id: 0, codec_id_name: 'H264', codec_type: 0, ready: true, frames: 60, loss: 1, width: 1280, height: 720, fps: 30, key_frames: 3, gop_size: 30, gop_interval_ms: 1000 },
    { codec_id: 5, codec_id_name: 'opus', codec_type: 1, ready: true, frames: 50, loss: 0, sample_rate: 48_000, channels: 2, sample_bit: 16 },
  ]);
});

test('a stream from elsewhere has its URL and no socket, and a track without packets is not ready', () => {
  const unnamed: Codec = { name: 'x-new', clockRate: 90_000, parameters: {} };
  expect(mediaRow(stream({ tracks: [track('video', {}, unnamed)], origin: { type: 'pull', url: 'https://example.com/whep/live/a', state: 'live' } }), { clock, sessions: noSession })).toMatchObject({
    originType: 4,
    originTypeStr: 'pull',
    originUrl: 'https://example.com/whep/live/a',
    originSock: { identifier: '', peer_ip: '', peer_port: 0 },
    tracks: [{ codec_id: -1, codec_id_name: 'x-new', ready: false, loss: 0, width: 0, fps: 0 }],
  });
});
