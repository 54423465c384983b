import type { ManagerOptions } from '../manager-types.ts';
import { WebRtcPluginManager } from '../manager.ts';
import type { WebRtcPlugin } from '../plugin.ts';
import { FakeClock } from './fake-clock.ts';
import { type FakeEngine, fakeEngine } from './fake-engine.ts';
import { MemoryLogger } from './memory-logger.ts';

/** A manager and the fakes that it was made from. */
export interface TestManager {
  readonly manager: WebRtcPluginManager;
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  readonly logger: MemoryLogger;
}

/** A manager with fake clock, engine and logger; not ready yet. */
export function testManager(options: Omit<ManagerOptions, 'clock' | 'engine' | 'logger'> = {}): TestManager {
  const clock = new FakeClock();
  const engine = fakeEngine();
  const logger = new MemoryLogger();
  return { manager: new WebRtcPluginManager({ ...options, clock, engine, logger }), clock, engine, logger };
}

/** A test manager with these plugins, ready. */
export async function readyManager(
  plugins: readonly WebRtcPlugin[],
  options?: Omit<ManagerOptions, 'clock' | 'engine' | 'logger'>,
): Promise<TestManager> {
  const test = testManager(options);
  for (const plugin of plugins) test.manager.registerPlugin(plugin);
  await test.manager.ready();
  return test;
}
