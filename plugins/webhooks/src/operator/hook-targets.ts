import type { DeadLetter, HookName, HookTargetState, HookTargets } from '@sluice/core';
import type { DecisionLane } from '../decisions/decision-lane.ts';
import type { DecisionTarget } from '../decisions/decision-target.ts';
import { redactUrl } from '../delivery/redact-url.ts';
import type { NotificationLane } from '../notifications/notification-lane.ts';
import { NotificationTarget } from '../notifications/notification-target.ts';

/** Hook points, and what else is told, by the hooks' names for ZLMediaKit. */
const POINTS: Readonly<Record<string, HookName | 'keepalive'>> = {
  on_publish: 'publish',
  on_play: 'play',
  on_stream_not_found: 'stream-not-found',
  on_stream_none_reader: 'none-reader',
  on_server_started: 'server-started',
  on_stream_changed: 'stream-changed',
  on_flow_report: 'session-closed',
  on_server_keepalive: 'keepalive',
  on_server_exited: 'server-exited',
};

/** What management APIs show of the URLs, and do with them. */
export function createHookTargets(decisions: DecisionLane, notifications: NotificationLane): HookTargets {
  return {
    list: () => [...decisions.targets, ...notifications.targets].map(stateOf),
    deadLetters: () => notifications.targets.flatMap(deadLettersOf),
    replay: (id) => notifications.targets.reduce((sum, target) => sum + target.replay(id), 0),
    purgeCache: () => decisions.purge(),
  };
}

/** The point that a target is at. */
export function pointOf({ hook }: DecisionTarget | NotificationTarget): string {
  return POINTS[hook] ?? hook;
}

function stateOf(target: DecisionTarget | NotificationTarget): HookTargetState {
  const { settings, breaker, statistics } = target;
  const isTold = target instanceof NotificationTarget;
  return {
    hook: pointOf(target),
    url: redactUrl(settings.url),
    breaker: breaker.state,
    asked: statistics.asked,
    failed: statistics.failed,
    latencyMs: statistics.lastLatencyMs,
    queueLength: isTold ? target.queueLength : 0,
    dropped: statistics.dropped,
    deadLetters: isTold ? target.deadLetters.size : 0,
    lastError: statistics.lastError,
  };
}

function deadLettersOf(target: NotificationTarget): readonly DeadLetter[] {
  const url = redactUrl(target.settings.url);
  return target.deadLetters.list().map(({ letter, failedAt, attempts, reason }) => ({ id: letter.id, hook: pointOf(target), url, failedAt, attempts, reason }));
}
