// tsyringe refuses to load without this polyfill.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, container, instancePerContainerCachingFactory } from 'tsyringe';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { WebRtcPluginManager } from './manager.ts';
import type { ManagerOptions } from './manager-types.ts';
import type { RtcEngine } from './media.ts';
import type { Sessions } from './session.ts';
import type { StreamRegistry } from './stream.ts';

/** Logger of the manager; register it in the parent to replace the silent one. */
export const LOGGER: InjectionToken<Logger> = Symbol('sluice.logger');
/** Clock of the manager; register it in the parent to replace the system's. */
export const CLOCK: InjectionToken<Clock> = Symbol('sluice.clock');
/** Media engine of the manager; without one, plugins that need media fail. */
export const ENGINE: InjectionToken<RtcEngine> = Symbol('sluice.engine');
/** The manager of the container. */
export const MANAGER: InjectionToken<WebRtcPluginManager> = Symbol('sluice.manager');
/** Sessions of the container's manager. */
export const SESSIONS: InjectionToken<Sessions> = Symbol('sluice.sessions');
/** Streams of the container's manager. */
export const STREAMS: InjectionToken<StreamRegistry> = Symbol('sluice.streams');

/**
 * A container for one manager, made on first use. It is a child, so two of them share nothing but what the
 * parent registers; the global container is never written to. An option goes before what the parent has.
 * Shutting down stays with `manager.close()`: a container disposes of everything at once, in no order.
 */
export function createManagerContainer(parent: DependencyContainer = container, options: ManagerOptions = {}): DependencyContainer {
  const child = parent.createChildContainer();
  child.register(MANAGER, {
    useFactory: instancePerContainerCachingFactory(
      (scope) =>
        new WebRtcPluginManager({
          ...options,
          logger: options.logger ?? resolveOptional(scope, LOGGER),
          clock: options.clock ?? resolveOptional(scope, CLOCK),
          engine: options.engine ?? resolveOptional(scope, ENGINE),
        }),
    ),
  });
  child.register(SESSIONS, { useFactory: (scope) => resolveManager(scope).sessions });
  child.register(STREAMS, { useFactory: (scope) => resolveManager(scope).streams });
  return child;
}

/** The manager of a container made by {@link createManagerContainer}. */
export function resolveManager(scope: DependencyContainer): WebRtcPluginManager {
  return scope.resolve(MANAGER);
}

function resolveOptional<T>(scope: DependencyContainer, token: InjectionToken<T>): T | undefined {
  return scope.isRegistered(token, true) ? scope.resolve(token) : undefined;
}
