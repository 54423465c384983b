/** What a session card shows, measured over the last interval. */
export interface SessionStats {
  /** Audio and video, bit/s. */
  readonly bitrate: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  /** Share of packets that never came, 0 to 1. */
  readonly loss: number | undefined;
  readonly roundTripMs: number | undefined;
  /** In order video, audio; for example `VP8`, `opus`. */
  readonly codecs: readonly string[];
}

/** Which side's media is measured. */
export type MediaDirection = 'in' | 'out';

/** Counters of one moment, to take the next ones' differences from. */
export interface Counters {
  readonly atMs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly received: number;
  readonly lost: number;
}

/** A statistics object of getStats (W3C webrtc-stats), whatever its type. */
export type StatsObject = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string; readonly timestamp: number };

/** Reads a report; the rates are those since `previous`. */
export function measure(
  objects: readonly StatsObject[],
  direction: MediaDirection,
  previous: Counters | undefined,
): { readonly stats: SessionStats; readonly counters: Counters } {
  const media = objects.filter(({ type }) => type === (direction === 'in' ? 'inbound-rtp' : 'outbound-rtp'));
  // Of simulcast layers, the one with the most lines is shown.
  const [video] = media.filter(({ kind }) => kind === 'video').toSorted((a, b) => number(b, 'frameHeight', 0) - number(a, 'frameHeight', 0));
  const counters: Counters = {
    atMs: Math.max(0, ...media.map(({ timestamp }) => timestamp)),
    bytes: sum(media, direction === 'in' ? 'bytesReceived' : 'bytesSent'),
    frames: number(video, direction === 'in' ? 'framesDecoded' : 'framesEncoded', 0),
    received: sum(media, 'packetsReceived'),
    lost: sum(media, 'packetsLost'),
  };
  const seconds = previous ? (counters.atMs - previous.atMs) / 1000 : 0;
  const rate = (name: 'bytes' | 'frames') => (previous && seconds > 0 ? Math.max(0, counters[name] - previous[name]) / seconds : undefined);
  const bytesPerSecond = rate('bytes');

  return {
    counters,
    stats: {
      bitrate: bytesPerSecond === undefined ? undefined : bytesPerSecond * 8,
      width: number(video, 'frameWidth'),
      height: number(video, 'frameHeight'),
      framesPerSecond: video ? rate('frames') : undefined,
      loss: direction === 'in' ? lossBetween(previous, counters) : reportedLoss(objects),
      roundTripMs: roundTripMs(objects),
      codecs: codecNames(objects, media),
    },
  };
}

function lossBetween(previous: Counters | undefined, now: Counters): number | undefined {
  if (!previous) return undefined;
  // A packet that comes late takes itself off the count, which can make the difference negative.
  const lost = Math.max(0, now.lost - previous.lost);
  const expected = lost + Math.max(0, now.received - previous.received);
  return expected === 0 ? undefined : lost / expected;
}

/** What the server says of our packets in its receiver reports; the worst track counts. */
function reportedLoss(objects: readonly StatsObject[]): number | undefined {
  const fractions = objects.filter(({ type }) => type === 'remote-inbound-rtp').map((report) => number(report, 'fractionLost'));
  const known = fractions.filter((fraction) => fraction !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function roundTripMs(objects: readonly StatsObject[]): number | undefined {
  const pair = objects.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated === true && state === 'succeeded');
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
