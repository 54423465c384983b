import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type ServerMonitor, createServerMonitor } from './server-monitor.ts';
import { type Sessions, createSessions } from './sessions.ts';
import { type ThemeChoice, createTheme } from './theme.ts';

/** Everything that the components share. */
export interface Store {
  /** Address of this page without its fragment; every other address is relative to it. */
  readonly page: string;
  readonly server: ServerMonitor;
  readonly sessions: Sessions;
  readonly theme: ThemeChoice;
}

/** Makes the store of a page. */
export function createStore(page: string): Store {
  return {
    page,
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
