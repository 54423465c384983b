import type { Check } from './check.ts';
import { abort } from './checks/abort.ts';
import { closing, removal } from './checks/cleanup.ts';
import { definition } from './checks/definition.ts';
import { hooks } from './checks/hooks.ts';
import { isolation } from './checks/isolation.ts';
import { negotiation } from './checks/negotiation.ts';
import { refusal } from './checks/refusal.ts';
import { sessionEnd } from './checks/session-end.ts';
import { setup } from './checks/setup.ts';
import { type ConformanceOptions, type CreatePlugin, type Subject, subjectOf } from './conformance-options.ts';
import { wordsOf } from './fault.ts';

/** What has come of one rule. */
export interface CheckResult {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What the plugin does wrong and what to do, or why the rule does not concern it. Empty when it has passed. */
  readonly reason: string;
}

/** What {@link checkPlugin} has found. */
export interface ConformanceReport {
  /** Whether no rule is broken. */
  readonly passed: boolean;
  readonly results: readonly CheckResult[];
}

/** The first two are what every other one stands on. */
const CHECKS: readonly Check[] = [definition, setup, isolation, negotiation, refusal, abort, sessionEnd, hooks, closing, removal];
const FOUNDATIONS: readonly Check[] = [definition, setup];

/** The rules in the order in which they are checked. */
export const CHECK_TITLES: readonly string[] = CHECKS.map(({ title }) => title);

/**
 * Runs a plugin in real managers with a fake engine, fake peers and a fake clock, and checks what the plugin
 * contract asks of it. It never throws for what the plugin does.
 */
export async function checkPlugin(createPlugin: CreatePlugin, options: ConformanceOptions = {}): Promise<ConformanceReport> {
  const subject = subjectOf(createPlugin, options);
  const results: CheckResult[] = [];
  let obstacle: string | undefined;
  for (const check of CHECKS) {
    const result = obstacle === undefined ? await run(check, subject) : { title: check.title, status: 'skipped' as const, reason: obstacle };
    results.push(result);
    if (result.status === 'failed' && FOUNDATIONS.includes(check)) obstacle = 'it could not be set up';
  }
  return { passed: results.every(({ status }) => status !== 'failed'), results };
}

async function run({ title, run: runCheck }: Check, subject: Subject): Promise<CheckResult> {
  try {
    const reason = await runCheck(subject);
    return reason === undefined ? { title, status: 'passed', reason: '' } : { title, status: 'skipped', reason };
  } catch (error) {
    return { title, status: 'failed', reason: wordsOf(error) };
  }
}
