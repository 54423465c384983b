import type { Clock, RtcTransport, Stream, Undo } from '@sluice/core';
import type { Report } from './report.ts';
import { TrackCounter } from './track-counter.ts';

/** What {@link record} takes beside stream and transport. */
export interface RecordOptions {
  readonly sessionId: string;
  readonly reportIntervalMs: number;
  readonly clock: Clock;
}

/**
 * Counts what a stream carries and reports it on every data channel of the peer,
 * until the stream ends or the transport closes.
 * @returns the report of this moment
 * @throws MediaError STREAM_ENDED
 */
export function record(stream: Stream, transport: RtcTransport, { sessionId, reportIntervalMs, clock }: RecordOptions): () => Report {
  const { app, stream: name } = stream.key;
  const tell = (report: Report): void => {
    for (const channel of transport.dataChannels) channel.send(JSON.stringify(report));
  };

  const leave = stream.addReader({
    sessionId,
    onEnded(reason) {
      tell({ ...report(), ended: reason });
      void transport.close(reason);
    },
  });
  const counters = stream.tracks.map((track) => new TrackCounter(track));
  const report = (): Report => ({ app, stream: name, tracks: counters.map((counter) => counter.report()) });
  const stopReports = every(clock, reportIntervalMs, () => tell(report()));
  transport.onDataChannel(() => tell(report()));
  transport.onState((state) => {
    if (state !== 'closed') return;
    stopReports();
    leave();
    for (const counter of counters) counter.stop();
  });
  return report;
}

function every(clock: Clock, intervalMs: number, task: () => void): Undo {
  let cancel: Undo;
  const arm = (): void => {
    cancel = clock.setTimeout(() => {
      arm();
      task();
    }, intervalMs);
  };
  arm();
  return () => cancel();
}
