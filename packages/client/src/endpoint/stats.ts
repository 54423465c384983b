/** Media of one direction over the last interval. */
export interface MediaStats {
  /** Audio and video, bit/s; undefined until there is an interval. */
  readonly bitrate: number | undefined;
  /** Share of packets that never came, 0 to 1. */
  readonly loss: number | undefined;
  /** Of video, the largest simulcast layer. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  /** Frames that were not shown, since the start; undefined for what is sent. */
  readonly framesDropped: number | undefined;
  /** Of the worst track, milliseconds. */
  readonly jitterMs: number | undefined;
  /** In order video, audio; for example `VP8`, `opus`. */
  readonly codecs: readonly string[];
}

/** How a connection goes. */
export interface EndpointStats {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Undefined when nothing is sent; {@link received} likewise. */
  readonly sent: MediaStats | undefined;
  readonly received: MediaStats | undefined;
  readonly roundTripMs: number | undefined;
  /** What the browser thinks it can send, bit/s. */
  readonly availableBitrate: number | undefined;
}

/** A statistics object of getStats (W3C webrtc-stats), whatever its type. */
export type StatsObject = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string; readonly timestamp: number };

/** Counters of one moment, to take the next ones' differences from. */
export interface StatsCounters {
  readonly sent: Counters;
  readonly received: Counters;
}

interface Counters {
  readonly atMs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly packets: number;
  readonly lost: number;
}

const FIELDS = {
  sent: { type: 'outbound-rtp', bytes: 'bytesSent', frames: 'framesEncoded', packets: 'packetsSent' },
  received: { type: 'inbound-rtp', bytes: 'bytesReceived', frames: 'framesDecoded', packets: 'packetsReceived' },
} as const;

type Side = keyof typeof FIELDS;

/** Reads a report; rates are those since `previous`. */
export function measure(objects: readonly StatsObject[], previous: StatsCounters | undefined, atMs: number): { readonly stats: EndpointStats; readonly counters: StatsCounters } {
  const sent = measureSide(objects, 'sent', previous?.sent);
  const received = measureSide(objects, 'received', previous?.received);
  const pair = objects.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated === true && state === 'succeeded');
  return {
    counters: { sent: sent.counters, received: received.counters },
    stats: { atMs, sent: sent.stats, received: received.stats, roundTripMs: roundTripMs(objects, pair), availableBitrate: number(pair, 'availableOutgoingBitrate') },
  };
}

function measureSide(objects: readonly StatsObject[], side: Side, previous: Counters | undefined): { readonly stats: MediaStats | undefined; readonly counters: Counters } {
  const fields = FIELDS[side];
  const media = objects.filter(({ type }) => type === fields.type);
  // Of simulcast layers, the one with the most lines is shown.
  const [video] = media.filter(({ kind }) => kind === 'video').toSorted((a, b) => number(b, 'frameHeight', 0) - number(a, 'frameHeight', 0));
  const counters: Counters = {
    atMs: Math.max(0, ...media.map(({ timestamp }) => timestamp)),
    bytes: sum(media, fields.bytes),
    frames: number(video, fields.frames, 0),
    packets: sum(media, fields.packets),
    lost: sum(media, 'packetsLost'),
  };
  if (media.length === 0) return { counters, stats: undefined };
  const seconds = previous && previous.atMs > 0 ? (counters.atMs - previous.atMs) / 1000 : 0;
  const rate = (name: 'bytes' | 'frames') => (previous && seconds > 0 ? Math.max(0, counters[name] - previous[name]) / seconds : undefined);
  const bytesPerSecond = rate('bytes');
  const stats: MediaStats = {
    bitrate: bytesPerSecond === undefined ? undefined : bytesPerSecond * 8,
    loss: side === 'received' ? lossBetween(previous, counters) : reportedLoss(objects),
    width: number(video, 'frameWidth'),
    height: number(video, 'frameHeight'),
    framesPerSecond: video ? rate('frames') : undefined,
    framesDropped: number(video, 'framesDropped'),
    jitterMs: jitterMs(side === 'received' ? media : objects.filter(({ type }) => type === 'remote-inbound-rtp')),
    codecs: codecNames(objects, media),
  };
  return { counters, stats };
}

function lossBetween(previous: Counters | undefined, now: Counters): number | undefined {
  if (!previous) return undefined;
  // A packet that comes late takes itself off the count, which can make the difference negative.
  const lost = Math.max(0, now.lost - previous.lost);
  const expected = lost + Math.max(0, now.packets - previous.packets);
  return expected === 0 ? undefined : lost / expected;
}

/** What the server says of our packets in its receiver reports; the worst track counts. */
function reportedLoss(objects: readonly StatsObject[]): number | undefined {
  return worst(objects.filter(({ type }) => type === 'remote-inbound-rtp').map((report) => number(report, 'fractionLost')));
}

function jitterMs(reports: readonly StatsObject[]): number | undefined {
  const seconds = worst(reports.map((report) => number(report, 'jitter')));
  return seconds === undefined ? undefined : seconds * 1000;
}

function worst(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function roundTripMs(objects: readonly StatsObject[], pair: StatsObject | undefined): number | undefined {
  const report = objects.find((object) => object.type === 'remote-inbound-rtp' && number(object, 'roundTripTime') !== undefined);
  const seconds = number(pair, 'currentRoundTripTime') ?? number(report, 'roundTripTime');
  return seconds === undefined ? undefined : seconds * 1000;
}

function codecNames(objects: readonly StatsObject[], media: readonly StatsObject[]): string[] {
  const byId = new Map(objects.filter(({ type }) => type === 'codec').map((codec) => [codec.id, codec]));
  const names = media
    .toSorted((a, b) => String(b['kind']).localeCompare(String(a['kind'])))
    .map(({ codecId }) => byId.get(String(codecId))?.['mimeType'])
    .filter((mimeType) => typeof mimeType === 'string')
    .map((mimeType) => mimeType.replace(/^.*\//, ''));
  return [...new Set(names)];
}

function sum(objects: readonly StatsObject[], field: string): number {
  return objects.reduce((total, object) => total + number(object, field, 0), 0);
}

function number(object: StatsObject | undefined, field: string): number | undefined;
function number(object: StatsObject | undefined, field: string, fallback: number): number;
function number(object: StatsObject | undefined, field: string, fallback?: number): number | undefined {
  const value = object?.[field];
  return typeof value === 'number' ? value : fallback;
}
