import { expect, it } from 'vitest';
import { receiveBufferErrors, usageOf } from './usage.ts';

function spin(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

it('counts the same CPU time as the process itself, of all its threads', async () => {
  const [before, own] = [await usageOf(process.pid), process.cpuUsage()];
  spin(300);
  const { user, system } = process.cpuUsage(own);
  const { cpuMicros, rssBytes } = await usageOf(process.pid);
  const counted = cpuMicros - before.cpuMicros;
  // Other threads of the test runner work between the two looks.
  expect(counted).toBeGreaterThan(0.8 * (user + system));
  expect(counted).toBeLessThan(1.5 * (user + system));
  expect(rssBytes).toBeGreaterThan(10 * 2 ** 20);
});

it('finds the counter of the kernel', async () => {
  expect(await receiveBufferErrors()).toBeGreaterThanOrEqual(0);
});
