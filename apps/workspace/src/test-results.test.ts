import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addTotals, countTests, readTotals, totalsLine } from './test-results.mjs';

const passed = { status: 'passed' };
const failed = { status: 'failed' };
const skipped = { status: 'skipped' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-results-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function report(content: unknown): Promise<string> {
  const file = path.join(folder, 'report.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

test('tests are counted over all files', () => {
  const testResults = [
    { status: 'passed', assertionResults: [passed, skipped, passed] },
    { status: 'failed', assertionResults: [passed, failed] },
  ];
  expect(countTests({ testResults })).toEqual({ passed: 3, failed: 1, skipped: 1 });
});

test('a file that could not be loaded is a failure', () => {
  expect(countTests({ testResults: [{ status: 'failed', assertionResults: [] }] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a run without a report is a failure', async () => {
  expect(await readTotals(path.join(folder, 'absent.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a run that failed outside its tests is a failure', async () => {
  const file = await report({ testResults: [{ status: 'passed', assertionResults: [passed] }] });
  expect(await readTotals(file, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  expect(await readTotals(file, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('the last line says the sum', () => {
  const sum = addTotals([
    { passed: 2, failed: 0, skipped: 1 },
    { passed: 3, failed: 1, skipped: 0 },
  ]);
  expect(totalsLine(sum)).toBe('5 passed, 1 failed');
});
