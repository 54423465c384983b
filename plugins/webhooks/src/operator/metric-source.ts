import type { MetricFamily, MetricLabels, MetricSource } from '@sluice/core';
import type { DecisionLane } from '../decisions/decision-lane.ts';
import type { DecisionTarget } from '../decisions/decision-target.ts';
import type { NotificationLane } from '../notifications/notification-lane.ts';
import { NotificationTarget } from '../notifications/notification-target.ts';
import { pointOf } from './hook-targets.ts';

type Target = DecisionTarget | NotificationTarget;

/** 0 = asked as usual, the higher the worse. */
const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What is measured of the URLs. Labels are hook and number of the URL at it: the URL itself may hold secrets. */
export function createMetricSource(decisions: DecisionLane, notifications: NotificationLane): MetricSource {
  return { collect: () => familiesOf([...decisions.targets, ...notifications.targets], decisions.targets, notifications.targets) };
}

function familiesOf(all: readonly Target[], deciding: readonly DecisionTarget[], told: readonly NotificationTarget[]): readonly MetricFamily[] {
  const labels = labelsOf(all);
  const family = <T extends Target>(type: 'counter' | 'gauge', name: string, help: string, targets: readonly T[], read: (target: T) => number): MetricFamily => ({
    type,
    name: `sluice_webhook_${name}`,
    help,
    samples: targets.map((target) => ({ labels: labels.get(target), value: read(target) })),
  });
  return [
    family('counter', 'messages_total', 'Questions and notifications for a URL, retries not counted.', all, ({ statistics }) => statistics.asked),
    family('counter', 'failures_total', 'Those that got no usable answer, or were given up.', all, ({ statistics }) => statistics.failed),
    family('counter', 'dropped_total', 'Those that found too many waiting.', all, ({ statistics }) => statistics.dropped),
    family('gauge', 'breaker_state', 'Circuit breaker of a URL: 0 closed, 1 half-open, 2 open.', all, ({ breaker }) => BREAKER_VALUES[breaker.state]),
    family('counter', 'cache_hits_total', 'Questions answered from memory.', deciding, ({ statistics }) => statistics.cacheHits),
    family('gauge', 'cached_answers', 'Answers that are kept.', deciding, ({ cached }) => cached),
    family('gauge', 'queue_length', 'Notifications that wait or are being sent.', told, ({ queueLength }) => queueLength),
    family('gauge', 'dead_letters', 'Notifications that were given up and can be replayed.', told, ({ deadLetters }) => deadLetters.size),
    family('counter', 'dead_letters_forgotten_total', 'Dead letters that made place for others.', told, ({ deadLetters }) => deadLetters.forgotten),
    {
      type: 'histogram',
      name: 'sluice_webhook_attempt_duration_seconds',
      help: 'One HTTP request to a URL, also one that failed.',
      samples: all.map((target) => ({ labels: labels.get(target), ...target.statistics.latency() })),
    },
  ];
}

/** Several URLs of one hook are told apart by their number. */
function labelsOf(targets: readonly Target[]): ReadonlyMap<Target, MetricLabels> {
  const counts = new Map<string, number>();
  return new Map(
    targets.map((target) => {
      const hook = pointOf(target);
      const number = counts.get(hook) ?? 0;
      counts.set(hook, number + 1);
      return [target, { hook, target: String(number) }];
    }),
  );
}
