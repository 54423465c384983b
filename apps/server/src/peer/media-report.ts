import type { MediaKind, OutboundTrack, MediaTrack, RtcTransport, TransportState } from '@sluice/core';

/** Counters of one track, of either direction, since its start. */
interface TrackCounters {
  readonly kind: MediaKind;
  readonly codec: string | undefined;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly frames: number;
  readonly keyframes: number;
  readonly jitterMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Everything that is counted, at one moment. */
export interface MediaCounters {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  readonly state: TransportState;
  readonly roundTripMs: number | undefined;
  readonly tracks: readonly TrackCounters[];
}

/** What one track did between two moments. */
export interface TrackReport {
  readonly kind: MediaKind;
  readonly codec: string | undefined;
  readonly bitrateKbps: number;
  readonly framesPerSecond: number;
  readonly keyframesPerSecond: number;
  /** Of the packets that should have come, 0 to 100; undefined where it is not known. */
  readonly lossPercent: number | undefined;
  readonly jitterMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** What was sent or received between two moments; one line of `--json`. */
export interface MediaReport {
  /** Since the start, seconds. */
  readonly seconds: number;
  readonly state: TransportState;
  readonly roundTripMs: number | undefined;
  readonly tracks: readonly TrackReport[];
}

/** Of what comes in. */
export function readReceived(transport: RtcTransport): MediaCounters {
  return readWith(transport, transport.inbound.map(receivedCounters));
}

/** Of what goes out. */
export function readSent(transport: RtcTransport): MediaCounters {
  return readWith(transport, transport.outbound.map(sentCounters));
}

/** @param startedAt of the first moment, as {@link MediaCounters.atMs} */
export function reportBetween(before: MediaCounters, after: MediaCounters, startedAt: number): MediaReport {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000);
  return {
    seconds: Math.round((after.atMs - startedAt) / 1000),
    state: after.state,
    roundTripMs: after.roundTripMs,
    tracks: after.tracks.map((track, index) => trackReport(before.tracks[index], track, seconds)),
  };
}

function readWith(transport: RtcTransport, tracks: readonly TrackCounters[]): MediaCounters {
  const { state, currentRoundTripTime } = transport.stats();
  return { atMs: performance.now(), state, roundTripMs: currentRoundTripTime === undefined ? undefined : currentRoundTripTime * 1000, tracks };
}

function receivedCounters(track: MediaTrack): TrackCounters {
  const { bytesReceived, packetsReceived, packetsLost, framesReceived, keyFramesReceived, jitter, frameWidth, frameHeight } = track.stats();
  return {
    kind: track.kind,
    codec: track.codec?.name,
    bytes: bytesReceived,
    packets: packetsReceived,
    lost: packetsLost,
    frames: framesReceived,
    keyframes: keyFramesReceived,
    jitterMs: jitter * 1000,
    width: frameWidth,
    height: frameHeight,
  };
}

function sentCounters(track: OutboundTrack): TrackCounters {
  const { bytesSent, packetsSent, framesSent, keyFramesSent } = track.stats();
  const source = track.source?.stats();
  return {
    kind: track.kind,
    codec: track.source?.codec?.name,
    bytes: bytesSent,
    packets: packetsSent,
    lost: 0,
    frames: framesSent,
    keyframes: keyFramesSent,
    jitterMs: undefined,
    width: source?.frameWidth,
    height: source?.frameHeight,
  };
}

function trackReport(before: TrackCounters | undefined, after: TrackCounters, seconds: number): TrackReport {
  const since = (name: 'bytes' | 'packets' | 'lost' | 'frames' | 'keyframes'): number => after[name] - (before?.[name] ?? 0);
  const expected = since('packets') + since('lost');
  const lossPercent = expected > 0 ? Math.max(0, (since('lost') * 100) / expected) : 0;
  const { kind, codec, jitterMs, width, height } = after;
  return {
    kind,
    codec,
    bitrateKbps: rounded((since('bytes') * 8) / 1000 / seconds),
    framesPerSecond: rounded(since('frames') / seconds),
    keyframesPerSecond: rounded(since('keyframes') / seconds),
    lossPercent: jitterMs === undefined ? undefined : rounded(lossPercent),
    jitterMs: jitterMs === undefined ? undefined : rounded(jitterMs),
    width,
    height,
  };
}

/** More digits would say nothing. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
