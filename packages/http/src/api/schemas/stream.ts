import { z } from 'zod';
import { count, countersByReason, list, milliseconds, named, text, wallClock } from './schema.ts';

export const streamKey = named('StreamKey', 'Names a stream.', { vhost: text, app: text, stream: text });

const received = {
  packetsReceived: count,
  bytesReceived: count.describe('Of payload.'),
  packetsLost: z.int().describe('Never came, retransmissions taken off.'),
  jitter: z.number().describe('Seconds.'),
  framesReceived: count,
  framesPerSecond: z.number().optional(),
  keyFramesReceived: count,
  keyFrameDistance: count.optional().describe('Pictures between the last two keyframes.'),
  keyFrameInterval: z.number().optional().describe('Seconds between them.'),
  nackCount: count,
  retransmittedPacketsReceived: count,
  bitrate: z.number().describe('Bit/s of payload over the last second or so.'),
  frameWidth: count.optional(),
  frameHeight: count.optional(),
  profileLevelId: text.optional(),
  bFrames: z.boolean().optional(),
};

const layer = named('Layer', 'One RTP stream of a track: a simulcast layer, or the only one.', { ssrc: count, rid: text.optional(), ...received, viewers: count });

const track = named('Track', 'A track of a stream, in the names and units of webrtc-stats; counters run since its start.', {
  kind: z.enum(['audio', 'video']),
  codec: text.optional().describe('Unknown before the first packet.'),
  ...received,
  pliCount: count,
  firCount: count,
  layers: list(layer),
  dropped: countersByReason,
});

const streamState = z.enum(['reserved', 'live', 'interrupted', 'ended']);
const originState = z.enum(['connecting', 'live', 'retrying', 'ended']);
const originType = z.enum(['push', 'pull', 'file', 'demo']);

const common = {
  vhost: text,
  app: text,
  stream: text,
  state: streamState.describe('interrupted = the publisher has vanished, and viewers are kept for its return.'),
  liveSince: wallClock.optional(),
  readers: count.describe('Viewers now.'),
  totalReaders: count.describe('Viewers since it went live.'),
  tracks: list(track),
};

/** A row of the list of streams, which may be open to everybody. */
export const stream = named('Stream', 'A live stream.', { ...common, origin: originType.describe('Where its media comes from.') });

/** A stream in full, for administrators. */
export const streamDetail = named('StreamDetail', 'A live stream with its publisher and viewers.', {
  ...common,
  origin: named('StreamOrigin', 'Where the media of a stream comes from.', {
    type: originType,
    url: text.optional().describe('Of a pull, without query and credentials.'),
    state: originState,
    lastError: text.optional(),
    failedAttempts: count.optional(),
  }),
  publisherSessionId: text.optional(),
  viewerSessionIds: list(text),
  aliveMs: milliseconds,
});
