import type { MetricSource } from '@sluice/core';
import type { Relay } from './relay.ts';

/** Who is there, and what became of the messages. */
export function createMetricSource(relay: Pick<Relay, 'size' | 'counters'>): MetricSource {
  return {
    collect() {
      const { relayed, dropped, refused, errors } = relay.counters;
      const samples = Array.from(errors, ([code, value]) => ({ labels: { code }, value }));
      return [
        { name: 'sluice_relay_clients', help: 'Registered clients of the relay.', type: 'gauge', samples: [{ value: relay.size }] },
        { name: 'sluice_relay_messages_total', help: 'Messages handed to clients of the relay.', type: 'counter', samples: [{ value: relayed }] },
        { name: 'sluice_relay_dropped_total', help: 'Messages that a client did not get because too many bytes waited for it.', type: 'counter', samples: [{ value: dropped }] },
        { name: 'sluice_relay_refused_total', help: 'Clients that were turned away before they were connected.', type: 'counter', samples: [{ value: refused }] },
        { name: 'sluice_relay_errors_total', help: 'Errors that clients of the relay were told, by code.', type: 'counter', samples },
      ];
    },
  };
}
