import { type HookTargetState, type MetricFamily, type WebRtcPluginManager, hookTargets } from '@sluice/core';
import { counter, gauge, histogram, labelled } from './families.ts';

const BREAKER_VALUES: Readonly<Record<HookTargetState['breaker'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Hooks in code, and the targets outside of this process that plugins ask and tell. */
export function hookFamilies(manager: WebRtcPluginManager): readonly MetricFamily[] {
  const { hooks } = manager.statistics;
  return [
    counter(
      'sluice_hook_calls_total',
      'Calls of hooks, by outcome.',
      hooks.flatMap(({ point, owner, outcomes }) => labelled('outcome', outcomes).map(({ labels, value }) => ({ labels: { hook: point, plugin: owner, ...labels }, value }))),
    ),
    histogram(
      'sluice_hook_duration_seconds',
      'Time that calls of hooks took.',
      hooks.map(({ point, owner, durations }) => ({ ...durations, labels: { hook: point, plugin: owner } })),
    ),
    counter('sluice_notifications_dropped_total', 'Notifications dropped because their hook was too slow.', manager.counters.notificationsDropped),
    ...targetFamilies(manager.contributions(hookTargets).flatMap(({ value }) => value.list())),
  ];
}

/** URLs are configured, so their number is bounded; two of one hook count together. */
function targetFamilies(targets: readonly HookTargetState[]): readonly MetricFamily[] {
  const samples = (value: (target: HookTargetState) => number) => targets.map((target) => ({ labels: { hook: target.hook, url: target.url }, value: value(target) }));
  return [
    counter('sluice_hook_target_requests_total', 'Questions and notifications to a hook URL, retries not counted.', samples(({ asked }) => asked)),
    counter('sluice_hook_target_failures_total', 'Those that got no usable answer.', samples(({ failed }) => failed)),
    counter('sluice_hook_target_dropped_total', 'Notifications that found the queue of their hook URL full.', samples(({ dropped }) => dropped)),
    gauge('sluice_hook_target_queue_length', 'Notifications that wait for a hook URL.', samples(({ queueLength }) => queueLength)),
    gauge('sluice_hook_target_dead_letters', 'Notifications that were given up and are kept for a replay.', samples(({ deadLetters }) => deadLetters)),
    gauge('sluice_hook_target_breaker_state', 'Circuit breaker of a hook URL: 0 closed, 1 half open, 2 open.', samples(({ breaker }) => BREAKER_VALUES[breaker])),
  ];
}
