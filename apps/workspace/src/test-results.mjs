import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * How many tests passed, failed and were skipped.
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 */

/**
 * The parts that count of what Vitest's JSON reporter writes.
 * @typedef {object} VitestReport
 * @property {readonly { status: string, assertionResults: readonly { status: string }[] }[]} testResults one per file
 */

/**
 * Reads what one run of Vitest left. Without a report, or when Vitest failed though no test did, one failure is counted.
 * @param {string} reportFile
 * @param {number} exitCode of Vitest
 * @returns {Promise<Totals>}
 */
export async function readTotals(reportFile, exitCode) {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: 0 };
  const totals = countTests(JSON.parse(await readFile(reportFile, 'utf8')));
  return exitCode !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
}

/**
 * A file that failed without a failed test in it (it could not be loaded, or a hook threw) counts as one failure.
 * @param {VitestReport} report
 * @returns {Totals}
 */
export function countTests(report) {
  return addTotals(
    report.testResults.map((file) => {
      const passed = file.assertionResults.filter((test) => test.status === 'passed').length;
      const failed = file.assertionResults.filter((test) => test.status === 'failed').length;
      const skipped = file.assertionResults.length - passed - failed;
      return { passed, failed: failed === 0 && file.status === 'failed' ? 1 : failed, skipped };
    }),
  );
}

/**
 * @param {readonly Totals[]} list
 * @returns {Totals}
 */
export function addTotals(list) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of list) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

/**
 * The last line of a test run.
 * @param {Totals} totals
 */
export function totalsLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
