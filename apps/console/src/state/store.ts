import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Route, createRoute } from './route.ts';
import { type ServerMonitor, createServerMonitor } from './server-monitor.ts';
import { type SessionMonitor, createSessionMonitor } from './session-monitor.ts';
import { type Sessions, createSessions } from './sessions.ts';
import { type ThemeChoice, createTheme } from './theme.ts';

/** Everything that the components share. */
export interface Store {
  /** Address of this page without its fragment; every other address is relative to it. */
  readonly page: string;
  readonly route: ReadonlySignal<Route>;
  readonly server: ServerMonitor;
  /** The server's sessions. */
  readonly monitor: SessionMonitor;
  /** The page's own. */
  readonly sessions: Sessions;
  readonly theme: ThemeChoice;
}

/** Makes the store of a page. */
export function createStore(page: string): Store {
  const route = createRoute();
  return {
    page,
    route,
    monitor: createSessionMonitor(page, route),
    server: createServerMonitor(page),
    sessions: createSessions(page),
    theme: createTheme(document.documentElement),
  };
}

/** Hands the store to the components. */
export const StoreContext = createContext<Store | undefined>(undefined);

/** The store of the page that a component is on. */
export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) throw new Error('useStore was called outside of StoreContext.');
  return store;
}
