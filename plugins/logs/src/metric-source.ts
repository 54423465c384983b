import type { MetricSample, MetricSource } from '@sluice/core';
import type { Role } from './registration.ts';
import type { Signaling } from './signaling.ts';

/** Who is there, and what became of the messages. */
export function createMetricSource({ rooms, counters }: Pick<Signaling, 'rooms' | 'counters'>): MetricSource {
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
      ];
    },
  };
}
