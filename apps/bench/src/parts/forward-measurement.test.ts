import { expect, it, vi } from 'vitest';
import { measureForward } from './forward-measurement.ts';
import type { PartContext } from './part.ts';

// It starts a server and two processes of the load generator.
vi.setConfig({ testTimeout: 60_000 });

const context: PartContext = {
  servers: ['portable'],
  address: '127.0.0.1',
  profile: 'gcm',
  loss: 0.05,
  pacing: 'even',
  profileFolder: undefined,
  viewerCounts: [],
  rates: [],
  seconds: 1,
  sessions: 1,
  quick: true,
  progress: () => undefined,
};

it.each(['gcm', 'cm'] as const)('measures a real server with real peers, by %s', async (profile) => {
  const [result, ...others] = await measureForward({ ...context, profile }, { server: 'portable', streams: 2, viewers: 4 }, [100]);
  expect(others).toEqual([]);
  expect(result).toMatchObject({ server: 'portable', streams: 2, viewers: 4, packetsPerSecond: 100, seconds: 1, undecipherable: 0 });
  // What is lost on a busy machine is not this test's business, and what is too much is.
  const { published = 0, received = 0 } = result ?? {};
  expect(received).toBeGreaterThan(0);
  expect(received).toBeLessThanOrEqual(published * 2);
  expect(result?.retransmitted).toBeGreaterThan(0);
  expect(result?.serverCpuMicros).toBeGreaterThan(0);
});
