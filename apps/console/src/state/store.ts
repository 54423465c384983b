import { type ReadonlySignal, effect } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Admin, createAdmin } from './admin.ts';
import { type EventLog, createEventLog } from './event-log.ts';
import { type LiveLogs, createLiveLogs } from './logs/live-logs.ts';
import { type Monitors, createMonitors } from './monitors.ts';
import { type Notices, createNotices } from './notice.ts';
import { type Route, createRoute } from './route.ts';
import { type Sessions, createSessions } from './sessions.ts';
import { type ThemeChoice, createTheme } from './theme.ts';

/** Everything that the components share. */
export interface Store {
  /** Address of this page without its fragment; every other address is relative to it. */
  readonly page: string;
  readonly route: ReadonlySignal<Route>;
  readonly admin: Admin;
  readonly monitors: Monitors;
  readonly events: EventLog;
  readonly logs: LiveLogs;
  readonly notices: Notices;
  /** The page's own. */
  readonly sessions: Sessions;
  readonly theme: ThemeChoice;
}

/** Makes the store of a page. */
export function createStore(page: string): Store {
  // Takes its token out of the address before the route is read from it.
  const admin = createAdmin(page);
  const route = createRoute();
  const events = createEventLog(admin.request);
  // Away from its view the log holds no connection; it hears afterwards what it has missed.
  effect(() => (route.value.view === 'events' && admin.token.value ? events.start() : events.stop()));
  const logs = createLiveLogs(page);
  // Once they are looked at, they come on behind the other views.
  effect(() => void (route.value.view === 'logs' && logs.start()));
  return {
    page,
    route,
    admin,
    monitors: createMonitors(admin, route),
    events,
    logs,
    notices: createNotices(),
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
