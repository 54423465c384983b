import type { CheckResult, ConformanceReport } from './check-plugin.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** The report as lines for a terminal: one per rule, then how many passed, failed and were skipped. */
export function formatReport(name: string, { results }: ConformanceReport): string {
  const count = (status: CheckResult['status']): number => results.filter((result) => result.status === status).length;
  const totals = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  return [name, ...results.flatMap(linesOf), totals, ''].join('\n');
}

function linesOf({ title, status, reason }: CheckResult): string[] {
  if (status === 'passed') return [`  ${MARKS[status]} ${title}`];
  if (status === 'skipped') return [`  ${MARKS[status]} ${title}: ${reason}`];
  return [`  ${MARKS[status]} ${title}`, `      ${reason}`];
}
