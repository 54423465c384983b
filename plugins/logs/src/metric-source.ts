import type { MetricFamily, MetricSample, MetricSource } from '@sluice/core';
import type { History } from './history/history.ts';
import type { Role } from './registration.ts';
import type { Signaling } from './signaling.ts';

/** Who is there, and what became of the messages. */
export function createMetricSource({ rooms, counters }: Pick<Signaling, 'rooms' | 'counters'>, history?: Pick<History, 'archive' | 'recorder'>): MetricSource {
  const sampleOf = (role: Role): MetricSample => {
    const sizes = Array.from(rooms.values(), (room) => (role === 'producer' ? room.producers : room.consumers).size);
    return { labels: { role }, value: sizes.reduce((sum, size) => sum + size, 0) };
  };
  return {
    collect() {
      const { relayed, dropped, refused } = counters;
      const errors = Array.from(counters.errors, ([code, value]) => ({ labels: { code }, value }));
      return [
        { name: 'sluice_logs_clients', help: 'Registered producers and consumers of logs.', type: 'gauge', samples: [sampleOf('producer'), sampleOf('consumer')] },
        { name: 'sluice_logs_rooms', help: 'Rooms in which somebody is.', type: 'gauge', samples: [{ value: rooms.size }] },
        { name: 'sluice_logs_messages_total', help: 'Messages of log clients that were handed to others.', type: 'counter', samples: [{ value: relayed }] },
        { name: 'sluice_logs_dropped_total', help: 'Messages that a log client did not get because too many bytes waited for it.', type: 'counter', samples: [{ value: dropped }] },
        { name: 'sluice_logs_refused_total', help: 'Log clients that were turned away before they were connected.', type: 'counter', samples: [{ value: refused }] },
        { name: 'sluice_logs_errors_total', help: 'Errors that log clients were told, by code.', type: 'counter', samples: errors },
        ...(history ? historyFamilies(history) : []),
      ];
    },
  };
}

function historyFamilies({ archive, recorder }: Pick<History, 'archive' | 'recorder'>): MetricFamily[] {
  const dropped = Object.entries(recorder.counters.dropped).map(([reason, value]) => ({ labels: { reason }, value }));
  return [
    { name: 'sluice_logs_history_systems', help: 'Systems of which a history is kept.', type: 'gauge', samples: [{ value: archive.size }] },
    { name: 'sluice_logs_history_entries', help: 'Log entries that are kept.', type: 'gauge', samples: [{ value: archive.entries }] },
    { name: 'sluice_logs_history_bytes', help: 'Bytes of the log entries that are kept.', type: 'gauge', samples: [{ value: archive.bytes }] },
    { name: 'sluice_logs_history_producers', help: 'Producers that are connected to the history.', type: 'gauge', samples: [{ value: recorder.size }] },
    { name: 'sluice_logs_history_received_total', help: 'Log entries that were written into the history.', type: 'counter', samples: [{ value: recorder.counters.received }] },
    { name: 'sluice_logs_history_dropped_total', help: 'What producers sent to the history and was not kept, by reason.', type: 'counter', samples: dropped },
    { name: 'sluice_logs_history_refused_total', help: 'Producers that were not asked for their logs, because there were too many.', type: 'counter', samples: [{ value: recorder.refused }] },
    { name: 'sluice_logs_history_evicted_total', help: 'Systems whose history had to go for that of others.', type: 'counter', samples: [{ value: archive.evicted }] },
  ];
}
