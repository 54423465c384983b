import type { MediaTrack, SessionRecord, StreamRegistry } from '@sluice/core';

/** What is known of one session: its path, and the media of its stream. Times are seconds, rates bit/s, as in webrtc-stats. */
export function sessionFigures({ id, role, stream: key, session }: SessionRecord, streams: StreamRegistry): object {
  const stats = session.stats?.();
  const stream = key && streams.find(key);
  return {
    session_id: id,
    role,
    connection_state: stats?.state ?? 'new',
    bytes_sent: stats?.bytesSent ?? 0,
    bytes_received: stats?.bytesReceived ?? 0,
    packets_sent: stats?.packetsSent ?? 0,
    packets_received: stats?.packetsReceived ?? 0,
    packets_dropped: Object.values(stats?.dropped ?? {}).reduce((sum, count) => sum + count, 0),
    round_trip_time: stats?.currentRoundTripTime ?? null,
    available_outgoing_bitrate: stats?.availableOutgoingBitrate ?? null,
    available_incoming_bitrate: stats?.availableIncomingBitrate ?? null,
    remote_address: stats?.remote?.address ?? null,
    stream: key ?? null,
    viewers: stream?.readerCount ?? 0,
    tracks: stream?.tracks.map(trackFigures) ?? [],
  };
}

/** As the publisher sends it. */
function trackFigures(track: MediaTrack): object {
  const { packetsReceived, packetsLost, bytesReceived, jitter, framesReceived, framesPerSecond, frameWidth, frameHeight, bitrate } = track.stats();
  return {
    kind: track.kind,
    codec: track.codec?.name ?? null,
    packets_received: packetsReceived,
    packets_lost: packetsLost,
    bytes_received: bytesReceived,
    jitter,
    bitrate,
    frames_received: framesReceived,
    frames_per_second: framesPerSecond ?? null,
    frame_width: frameWidth ?? null,
    frame_height: frameHeight ?? null,
  };
}
