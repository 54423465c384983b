import { type ReadonlySignal, computed, signal } from '@preact/signals';
import type { Listing } from '../api/pages.ts';
import { type HooksReport, fetchHooksReport } from '../api/server-hooks.ts';
import { type ServerSession, type ServerSessionDetail, fetchServerSession, fetchServerSessions } from '../api/server-sessions.ts';
import { fetchServerStats } from '../api/server-stats.ts';
import { type LiveStream, type StreamDetail, fetchStream, fetchStreams } from '../api/streams.ts';
import type { Admin } from './admin.ts';
import { type Figures, createFigures } from './figures.ts';
import { type Poll, createPoll } from './poll.ts';
import type { Route } from './route.ts';

/** The sessions of the server, and the one that the address names. */
export interface SessionsReport extends Listing<ServerSession> {
  readonly detail: ServerSessionDetail | undefined;
}

/** What the page watches on the server. */
export interface Monitors {
  /** `off` = the server runs, but does not tell its streams. */
  readonly streams: Poll<Listing<LiveStream> | 'off'>;
  /** The stream that was opened in the list; undefined when it is not live any more. */
  readonly stream: Poll<StreamDetail | undefined>;
  readonly openStream: ReadonlySignal<LiveStream | undefined>;
  /** Opens a stream of the list in full, or closes it. */
  toggleStream(stream: LiveStream): void;
  readonly sessions: Poll<SessionsReport>;
  readonly hooks: Poll<HooksReport>;
  readonly figures: Poll<Figures>;
}

/** Watches only what the page shows. */
export function createMonitors(admin: Admin, route: ReadonlySignal<Route>): Monitors {
  const view = computed(() => route.value.view);
  const openStream = signal<LiveStream>();
  const figures = createFigures();

  return {
    // The header tells the number of streams on every view.
    streams: createPoll(() => admin.token.value && (() => fetchStreams(admin.openRequest))),
    stream: createPoll(() => {
      const key = openStream.value;
      const isShown = view.value === 'streams' && admin.token.value;
      return isShown && key ? () => fetchStream(admin.request, key) : undefined;
    }),
    openStream,
    toggleStream(stream) {
      openStream.value = openStream.value && isSame(openStream.value, stream) ? undefined : stream;
    },
    sessions: createPoll(() => {
      const { value: shown } = route;
      if (shown.view !== 'sessions' || !admin.token.value) return undefined;
      return async () => ({
        ...(await fetchServerSessions(admin.request)),
        detail: shown.id === undefined ? undefined : await fetchServerSession(admin.request, shown.id),
      });
    }),
    hooks: createPoll(() => (view.value === 'hooks' && admin.token.value ? () => fetchHooksReport(admin.request) : undefined)),
    figures: createPoll(() => {
      const isShown = view.value !== 'events' && view.value !== 'logs' && admin.token.value;
      return isShown ? async () => figures.of(await fetchServerStats(admin.request)) : undefined;
    }),
  };
}

/** Whether both are the same name. */
export function isSame(one: LiveStream, other: LiveStream): boolean {
  return one.vhost === other.vhost && one.app === other.app && one.stream === other.stream;
}
