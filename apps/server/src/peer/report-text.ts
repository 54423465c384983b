import type { TransportState } from '@sluice/core';
import type { MediaReport, TrackReport } from './media-report.ts';

const WORDS: Readonly<Record<TransportState, string>> = {
  new: 'starting',
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'silent, may come back',
  closed: 'closed',
};

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumber?: true;
  cell(report: MediaReport): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'time', width: 6, cell: ({ seconds }) => `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}` },
  { title: 'connection', width: 21, cell: ({ state }) => WORDS[state] },
  { title: 'video', width: 16, cell: (report) => pictureOf(trackOf(report, 'video')) },
  { title: 'fps', width: 5, isNumber: true, cell: (report) => number(trackOf(report, 'video')?.framesPerSecond, 1) },
  { title: 'key/s', width: 6, isNumber: true, cell: (report) => number(trackOf(report, 'video')?.keyframesPerSecond, 1) },
  { title: 'kbit/s', width: 7, isNumber: true, cell: (report) => number(trackOf(report, 'video')?.bitrateKbps) },
  { title: 'audio', width: 6, cell: (report) => trackOf(report, 'audio')?.codec ?? '-' },
  { title: 'kbit/s', width: 7, isNumber: true, cell: (report) => number(trackOf(report, 'audio')?.bitrateKbps) },
  { title: 'loss %', width: 7, isNumber: true, cell: ({ tracks }) => worst(tracks, 'lossPercent', 2) },
  { title: 'jitter ms', width: 9, isNumber: true, cell: ({ tracks }) => worst(tracks, 'jitterMs', 1) },
  { title: 'rtt ms', width: 6, isNumber: true, cell: ({ roundTripMs }) => number(roundTripMs, 1) },
];

/** Titles of the columns of {@link reportLine}. */
export function reportTitles(): string {
  return lineOf(({ title }) => title);
}

/** A report as one line of a table. */
export function reportLine(report: MediaReport): string {
  return lineOf((column) => column.cell(report));
}

function lineOf(text: (column: Column) => string): string {
  const cells = COLUMNS.map((column) => (column.isNumber ? text(column).padStart(column.width) : text(column).padEnd(column.width)));
  return `${cells.join('  ').trimEnd()}\n`;
}

function trackOf({ tracks }: MediaReport, kind: TrackReport['kind']): TrackReport | undefined {
  return tracks.find((track) => track.kind === kind);
}

function pictureOf(track: TrackReport | undefined): string {
  if (!track?.codec) return '-';
  return track.width === undefined ? track.codec : `${track.codec} ${track.width}×${String(track.height)}`;
}

function number(value: number | undefined, digits = 0): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

/** Of all tracks, since one that suffers is what a person looks for. */
function worst(tracks: readonly TrackReport[], name: 'lossPercent' | 'jitterMs', digits: number): string {
  const values = tracks.flatMap((track) => track[name] ?? []);
  return values.length === 0 ? '-' : Math.max(...values).toFixed(digits);
}
