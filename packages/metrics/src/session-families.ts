import type { MetricFamily, MetricSample, SessionRecord, WebRtcPluginManager } from '@sluice/core';
import { counter, gauge, histogram, labelled } from './families.ts';

/** Sessions and the requests for them. */
export function sessionFamilies({ sessions, counters, statistics, phase }: WebRtcPluginManager): readonly MetricFamily[] {
  const { opened, closed, connectTimes } = statistics.sessions;
  const { refused, durations } = statistics.negotiations;
  const closedSamples = Object.entries(closed).flatMap(([role, causes]) => labelled('cause', causes).map(({ labels, value }) => ({ labels: { role, ...labels }, value })));
  return [
    gauge('sluice_draining', 'Whether the server takes no new sessions because it is about to stop.', phase === 'draining' ? 1 : 0),
    gauge('sluice_sessions', 'Open sessions.', openSamples(sessions.list())),
    counter('sluice_sessions_opened_total', 'Sessions that got their answer.', labelled('role', opened)),
    counter('sluice_sessions_closed_total', 'Sessions that have ended, by cause.', closedSamples),
    counter('sluice_sessions_refused_total', 'Requests that got no session, by the code of their error.', labelled('code', refused)),
    counter('sluice_session_limit_refusals_total', 'Requests refused because of a limit on sessions.', counters.sessionsRefused),
    histogram('sluice_negotiation_duration_seconds', 'From a request to its answer or refusal, the wait for a missing stream included.', [durations]),
    histogram('sluice_session_connect_duration_seconds', 'From the answer until the peer was connected.', [connectTimes]),
  ];
}

function openSamples(records: readonly SessionRecord[]): readonly MetricSample[] {
  const counts = new Map<string, { labels: { role: string; state: string }; value: number }>();
  for (const role of ['publisher', 'viewer', 'other']) {
    for (const state of ['connecting', 'connected', 'disconnected']) counts.set(`${role} ${state}`, { labels: { role, state }, value: 0 });
  }
  for (const { role, session } of records) {
    const sample = counts.get(`${role} ${stateOf(session)}`);
    if (sample) sample.value += 1;
  }
  return [...counts.values()];
}

/** A session without a transport counts as connected; statistics are foreign code, which may throw. */
function stateOf(session: SessionRecord['session']): string {
  try {
    const state = session.stats?.().state ?? 'connected';
    return state === 'new' ? 'connecting' : state;
  } catch {
    return 'connected';
  }
}
