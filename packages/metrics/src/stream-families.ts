import { DEFAULT_VHOST, type MetricFamily, type MetricSample, type Stream, type TrackStats, type WebRtcPluginManager, streamKeyText } from '@sluice/core';
import { counter, gauge } from './families.ts';

/** What stands for all streams that have no label of their own. */
const OTHER = 'other';

/** Sums of some streams under one label. */
interface Row {
  readonly label: string;
  viewers: number;
  bitrate: number;
  lost: number;
}

/** Streams; those with the most viewers by name. */
export function streamFamilies({ streams, counters }: WebRtcPluginManager, maxStreams: number): readonly MetricFamily[] {
  const list = streams.list();
  const rows = rowsOf(list, maxStreams);
  const samples = (value: (row: Row) => number): readonly MetricSample[] => rows.map((row) => ({ labels: { stream: row.label }, value: value(row) }));
  return [
    gauge('sluice_streams', 'Streams, by state.', ['live', 'interrupted'].map((state) => ({ labels: { state }, value: list.filter((stream) => stream.state === state).length }))),
    gauge('sluice_stream_viewers', 'Viewers of a stream.', samples(({ viewers }) => viewers)),
    gauge('sluice_stream_bitrate_bits_per_second', 'Payload that a stream brings in, over the last second or so.', samples(({ bitrate }) => bitrate)),
    gauge('sluice_stream_packets_lost', 'Packets of a stream that have not come, since its start.', samples(({ lost }) => lost)),
    counter('sluice_stream_waiters_refused_total', 'Viewers refused because too many were waiting for missing streams.', counters.waitersRefused),
    counter('sluice_stream_viewers_refused_total', 'Viewers refused because their stream had as many as it may.', counters.readersRefused),
  ];
}

/** A stream may be named `other`, too; its numbers are then among those of the rest. */
function rowsOf(streams: readonly Stream[], maxStreams: number): readonly Row[] {
  const ranked = streams.toSorted((a, b) => b.readerCount - a.readerCount);
  const rows = new Map<string, Row>();
  for (const [rank, stream] of ranked.entries()) {
    const label = rank < maxStreams ? labelOf(stream) : OTHER;
    const row = rows.get(label) ?? { label, viewers: 0, bitrate: 0, lost: 0 };
    rows.set(label, row);
    row.viewers += stream.readerCount;
    for (const { bitrate, packetsLost } of statsOf(stream)) {
      row.bitrate += bitrate;
      row.lost += packetsLost;
    }
  }
  return [...rows.values()];
}

function labelOf({ key }: Stream): string {
  return key.vhost === DEFAULT_VHOST ? `${key.app}/${key.stream}` : streamKeyText(key);
}

function statsOf(stream: Stream): readonly TrackStats[] {
  return stream.tracks.map((track) => track.stats());
}
