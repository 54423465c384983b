import type { Clock } from '../clock.ts';
import type { MediaTrack, TrackStats } from '../media.ts';
import type { SessionRecord, Sessions } from '../session.ts';
import { streamKeyText } from '../stream-key.ts';
import type { Stream } from '../stream.ts';

/** `MediaOriginType` of ZLMediaKit. */
const ORIGIN_TYPES = { push: [8, 'rtc_push'], pull: [4, 'pull'], file: [6, 'mp4_vod'], demo: [6, 'mp4_vod'] } as const;

/** `CodecId` of ZLMediaKit by the encoding names of RTP. */
const CODEC_IDS: Readonly<Record<string, number>> = { H264: 0, H265: 1, PCMA: 3, PCMU: 4, OPUS: 5, L16: 6, VP8: 7, VP9: 8, AV1: 9 };
const UNKNOWN_CODEC_ID = -1;

/** The socket of a peer, as ZLMediaKit describes it. */
export interface OriginSock {
  readonly identifier: string;
  readonly local_ip: string;
  readonly local_port: number;
  readonly peer_ip: string;
  readonly peer_port: number;
}

const NO_SOCK: OriginSock = { identifier: '', local_ip: '', local_port: 0, peer_ip: '', peer_port: 0 };

/** One track of a {@link MediaRow}. */
export interface MediaRowTrack {
  readonly codec_id: number;
  readonly codec_id_name: string;
  /** 0 = video, 1 = audio. */
  readonly codec_type: 0 | 1;
  /** Whether packets have come. */
  readonly ready: boolean;
  /** Pictures, or packets of sound, since the start. */
  readonly frames: number;
  /** Percent of the packets since the start that never came. */
  readonly loss: number;
  /** Pixels; 0 before the first keyframe. Of video, like the next ones. */
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly key_frames?: number;
  /** Pictures between the last two keyframes; 0 before them. */
  readonly gop_size?: number;
  readonly gop_interval_ms?: number;
  /** Hz. Of audio, like the next ones. */
  readonly sample_rate?: number;
  readonly channels?: number;
  readonly sample_bit?: number;
}

/** A stream as `getMediaList` and `on_stream_changed` of ZLMediaKit describe it. */
export interface MediaRow {
  readonly schema: 'rtc';
  readonly vhost: string;
  readonly app: string;
  readonly stream: string;
  /** Query string of the publisher's request. */
  readonly params: string;
  /** Wall clock, seconds. */
  readonly createStamp: number;
  readonly aliveSecond: number;
  /** Bytes per second of payload that comes in. */
  readonly bytesSpeed: number;
  /** Bytes of payload that have come in. */
  readonly totalBytes: number;
  readonly readerCount: number;
  /** Of all schemas together, which here are one. */
  readonly totalReaderCount: number;
  readonly originType: number;
  readonly originTypeStr: string;
  readonly originUrl: string;
  readonly originSock: OriginSock;
  readonly isRecordingHLS: boolean;
  readonly isRecordingMP4: boolean;
  readonly tracks: readonly MediaRowTrack[];
}

/** What {@link mediaRow} reads beside the stream. */
export interface MediaRowContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly sessions: Pick<Sessions, 'find'>;
}

/** The row of a stream, with the figures of this moment. Its `params` may hold a secret of the publisher. */
export function mediaRow(stream: Stream, { clock, sessions }: MediaRowContext): MediaRow {
  const { key, query, publisherSessionId, origin } = stream;
  const tracks = stream.tracks.map((track) => ({ track, stats: track.stats() }));
  const publisher = publisherSessionId === undefined ? undefined : sessions.find(publisherSessionId);
  const liveSince = stream.liveSince ?? clock.now();
  const [originType, originTypeStr] = ORIGIN_TYPES[origin.type];
  return {
    schema: 'rtc',
    vhost: key.vhost,
    app: key.app,
    stream: key.stream,
    params: query,
    createStamp: Math.floor(liveSince / 1000),
    aliveSecond: Math.max(0, Math.floor((clock.now() - liveSince) / 1000)),
    bytesSpeed: Math.round(tracks.reduce((sum, { stats }) => sum + stats.bitrate, 0) / 8),
    totalBytes: tracks.reduce((sum, { stats }) => sum + stats.bytesReceived, 0),
    readerCount: stream.readerCount,
    totalReaderCount: stream.readerCount,
    originType,
    originTypeStr,
    originUrl: origin.url ?? ownUrlOf(stream),
    originSock: publisher ? sessionSock(publisher) : NO_SOCK,
    isRecordingHLS: false,
    isRecordingMP4: false,
    tracks: tracks.map(({ track, stats }) => rowTrack(track, stats)),
  };
}

function ownUrlOf({ key, query }: Stream): string {
  return `rtc://${streamKeyText(key)}${query === '' ? '' : `?${query}`}`;
}

/** The socket of a session: where media comes from, once its peer has connected, and before that where the request came from. */
export function sessionSock({ id, remote: client, session }: SessionRecord): OriginSock {
  const pair = session.diagnosis?.().pair;
  const { address, port } = pair?.remote ?? client;
  return { identifier: id, local_ip: pair?.local.address ?? '', local_port: pair?.local.port ?? 0, peer_ip: address, peer_port: port };
}

function rowTrack(track: MediaTrack, stats: TrackStats): MediaRowTrack {
  const { kind, codec = track.codecs[0] } = track;
  const name = codec?.name ?? '';
  const common = {
    codec_id: CODEC_IDS[name.toUpperCase()] ?? UNKNOWN_CODEC_ID,
    codec_id_name: name,
    ready: stats.packetsReceived > 0,
    frames: kind === 'video' ? stats.framesReceived : stats.packetsReceived,
    loss: lossPercent(stats),
  };
  if (kind === 'audio') return { ...common, codec_type: 1, sample_rate: codec?.clockRate ?? 0, channels: codec?.channels ?? 1, sample_bit: 16 };
  return {
    ...common,
    codec_type: 0,
    width: stats.frameWidth ?? 0,
    height: stats.frameHeight ?? 0,
    fps: Math.round(stats.framesPerSecond ?? 0),
    key_frames: stats.keyFramesReceived,
    gop_size: stats.keyFrameDistance ?? 0,
    gop_interval_ms: Math.round((stats.keyFrameInterval ?? 0) * 1000),
  };
}

/** To a hundredth. */
function lossPercent({ packetsReceived, retransmittedPacketsReceived, packetsLost }: TrackStats): number {
  const expected = packetsReceived + retransmittedPacketsReceived + packetsLost;
  return expected === 0 ? 0 : Math.round((packetsLost * 10_000) / expected) / 100;
}
