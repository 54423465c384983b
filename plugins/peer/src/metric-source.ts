import type { MetricFamily, MetricSource } from '@sluice/core';
import type { PeerHub } from './peer-hub.ts';

/** Who is there, and what became of their messages. */
export function createMetricSource(hub: Pick<PeerHub, 'size' | 'keptCount' | 'counters'>): MetricSource {
  return {
    collect() {
      const { counters } = hub;
      return [
        gauge('sluice_peer_clients', 'Clients of /ws that have said hello.', hub.size),
        gauge('sluice_peer_kept_clients', 'Clients whose connection broke and whose sessions are kept for their return.', hub.keptCount),
        counter('sluice_peer_refused_total', 'Clients that were turned away before they were connected.', counters.refused),
        counter('sluice_peer_dropped_total', 'Messages that a client did not get because too many bytes waited for it.', counters.dropped),
        counter('sluice_peer_resumed_total', 'Clients that came back to their sessions.', counters.resumed),
        counter('sluice_peer_not_kept_total', 'Clients whose sessions were not kept because too many were.', counters.notKept),
        counter('sluice_peer_silent_total', 'Clients that were closed because they had said nothing for three heartbeat intervals.', counters.silent),
        labelled('sluice_peer_messages_total', 'Messages of clients, by type.', 'type', counters.received),
        labelled('sluice_peer_input_total', 'Mouse and key events of viewers, by what became of them.', 'outcome', counters.input),
        labelled('sluice_peer_errors_total', 'Errors that clients were told, by code.', 'code', counters.errors),
      ];
    },
  };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ value }] };
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'counter', samples: [{ value }] };
}

function labelled(name: string, help: string, label: string, counts: ReadonlyMap<string, number>): MetricFamily {
  return { name, help, type: 'counter', samples: Array.from(counts, ([value, count]) => ({ labels: { [label]: value }, value: count })) };
}
