import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildConsole, setUp } from './setup.mjs';
import { runInForeground } from './subprocess.mjs';
import { provideTestPeers } from './test-peers.mjs';
import { addTotals, readTotals, totalsLine } from './test-results.mjs';
import { runScript, say, stateFolder, timed, workspaceFolder } from './workspace.mjs';

/** For one project; a test that loops for ever cannot be ended in any other way. */
const DEADLINE_MS = 18 * 60_000;
/** Exit code after SIGKILL. */
const KILLED = 137;

/** @typedef {import('./toolchain.mjs').Toolchain} Toolchain */

/** `npm test`: sets up what is missing, runs all tests and ends with how many there were. Arguments go to Vitest. */
await runScript(async () => {
  const toolchain = await setUp();
  await buildConsole(toolchain);
  await provideTestPeers();
  const unit = await timed('Unit tests', () => runProject(toolchain, 'unit'));
  const endToEnd = await timed('End-to-end tests', () => runProject(toolchain, 'e2e'));
  const totals = addTotals([unit, endToEnd]);
  if (totals.skipped > 0) say(`${totals.skipped} skipped`);
  process.stdout.write(`${totalsLine(totals)}\n`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
});

/**
 * @param {Toolchain} toolchain
 * @param {'unit' | 'e2e'} project of vitest.config.ts
 */
async function runProject(toolchain, project) {
  const reportFile = path.join(stateFolder, `test-${project}.json`);
  await mkdir(stateFolder, { recursive: true });
  await rm(reportFile, { force: true });
  const command = {
    file: toolchain.node,
    args: [
      path.join(workspaceFolder, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--project=${project}`,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...process.argv.slice(2),
    ],
    cwd: workspaceFolder,
    env: toolchain.env,
  };
  const exitCode = await runInForeground(command, { deadlineMs: DEADLINE_MS });
  if (exitCode === KILLED) say(`These tests had not ended after ${DEADLINE_MS / 60_000} minutes.`);
  return readTotals(reportFile, exitCode);
}
