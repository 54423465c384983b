import { beforeAll, describe, expect, test } from 'vitest';
import { CHECK_TITLES, type ConformanceReport, checkPlugin } from './conformance/check-plugin.ts';
import type { ConformanceOptions, CreatePlugin } from './conformance/conformance-options.ts';

/** Every check has its own deadline; this one is for a machine that does much else. */
const TIMEOUT_MS = 60_000;

/** Adds a test for every rule of the plugin contract to a vitest file. */
export function describePlugin(name: string, createPlugin: CreatePlugin, options: ConformanceOptions = {}): void {
  describe(`${name} as a plugin`, () => {
    let report: ConformanceReport;

    beforeAll(async () => {
      report = await checkPlugin(createPlugin, options);
    }, TIMEOUT_MS);

    test.for(CHECK_TITLES)('%s', (title, { skip }) => {
      const result = report.results.find((other) => other.title === title);
      if (result?.status === 'skipped') skip(result.reason);
      expect(result).toEqual({ title, status: 'passed', reason: '' });
    });
  });
}
