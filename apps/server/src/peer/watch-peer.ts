import type { FlagDefinitions, FlagValues } from '../commands/command.ts';
import { type MediaCounters, reportBetween } from './media-report.ts';
import type { Peer } from './peer.ts';
import { reportLine, reportTitles } from './report-text.ts';

const REPORT_EVERY_MS = 1000;

/** Flags of the commands that watch a connection. */
export const watchFlags = {
  token: { type: 'string', value: 'token', help: 'sent as bearer token' },
  stats: { type: 'boolean', help: 'print bitrate, frames, loss and jitter each second' },
  json: { type: 'boolean', help: 'print them as one JSON object per line' },
  seconds: { type: 'string', value: 'n', help: 'stop after so long; otherwise Ctrl-C stops it' },
} as const satisfies FlagDefinitions;

/** How {@link watchPeer} prints with these flags. */
export function formatOf({ stats, json }: FlagValues<typeof watchFlags>): WatchOptions['format'] {
  if (json) return 'json';
  return stats ? 'table' : 'none';
}

/** What {@link watchPeer} takes. */
export interface WatchOptions {
  readonly peer: Peer;
  readonly read: () => MediaCounters;
  /** A table for people, a JSON text per line for programs, or nothing. */
  readonly format: 'table' | 'json' | 'none';
  readonly print: (text: string) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Prints how a connection does each second until it ends. @returns why, undefined when it was ended here */
export async function watchPeer({ peer, read, format, print, signal }: WatchOptions): Promise<string | undefined> {
  const first = read();
  let before = first;
  if (format === 'table') print(reportTitles());
  const timer = setInterval(() => {
    const after = read();
    const report = reportBetween(before, after, first.atMs);
    before = after;
    if (format === 'json') print(`${JSON.stringify(report)}\n`);
    if (format === 'table') print(reportLine(report));
  }, REPORT_EVERY_MS);
  const given = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
  });
  try {
    return await Promise.race([peer.ended, given]);
  } finally {
    clearInterval(timer);
  }
}
