// First, because it loads the polyfill that tsyringe wants.
import { CLOCK, ENGINE, LOGGER, MANAGER, SESSIONS, STREAMS, createManagerContainer, resolveManager } from './di.ts';
import { type DependencyContainer, container } from 'tsyringe';
import { describe, expect, it } from 'vitest';
import { WebRtcPluginManager } from './manager.ts';
import { FakeClock, MemoryLogger, fakeEngine } from './testing/index.ts';

function parentWithFakes(): { parent: DependencyContainer; clock: FakeClock; logger: MemoryLogger } {
  const parent = container.createChildContainer();
  const clock = new FakeClock(0);
  const logger = new MemoryLogger();
  parent.register(CLOCK, { useValue: clock });
  parent.register(LOGGER, { useValue: logger });
  parent.register(ENGINE, { useValue: fakeEngine() });
  return { parent, clock, logger };
}

describe('createManagerContainer', () => {
  it('has one manager, and its sessions and streams', () => {
    const scope = createManagerContainer();
    const manager = resolveManager(scope);
    expect(manager).toBeInstanceOf(WebRtcPluginManager);
    expect(scope.resolve(MANAGER)).toBe(manager);
    expect(scope.resolve(SESSIONS)).toBe(manager.sessions);
    expect(scope.resolve(STREAMS)).toBe(manager.streams);
  });

  it('shares nothing between two containers, and writes nothing to the global one', () => {
    const [one, two] = [createManagerContainer(), createManagerContainer()];
    expect(resolveManager(one)).not.toBe(resolveManager(two));
    expect([MANAGER, SESSIONS, STREAMS].map((token) => container.isRegistered<unknown>(token))).toEqual([false, false, false]);
  });

  it('takes clock, logger and engine from the parent', async () => {
    const { parent, clock, logger } = parentWithFakes();
    const manager = resolveManager(createManagerContainer(parent));
    let startedAt: number | undefined;
    manager.hook('server-started', (input) => void ({ startedAt } = input));
    await manager.ready();
    await manager.close();
    expect(startedAt).toBe(clock.now());
    expect(logger.lines).not.toEqual([]);
  });

  it('prefers its own options', async () => {
    const { parent, logger } = parentWithFakes();
    const own = new MemoryLogger();
    const manager = resolveManager(createManagerContainer(parent, { logger: own }));
    await manager.ready();
    expect(own.lines).not.toEqual([]);
    expect(logger.lines).toEqual([]);
  });
});
