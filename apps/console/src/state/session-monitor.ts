import { type ReadonlySignal, effect, signal } from '@preact/signals';
import { type ServerSession, type ServerSessionDetail, fetchServerSession, fetchServerSessions } from '../api/server-sessions.ts';
import type { Route } from './route.ts';

/** What the page knows of the server's sessions. */
export type SessionsState =
  | { readonly name: 'asking' }
  | { readonly name: 'known'; readonly sessions: readonly ServerSession[]; readonly detail: ServerSessionDetail | undefined }
  /** The server wants the admin token, or another one. */
  | { readonly name: 'denied' }
  | { readonly name: 'away' };

/** Watches the server's sessions while the page shows them. */
export interface SessionMonitor {
  readonly state: ReadonlySignal<SessionsState>;
  /** Asks with this admin token from now on; it is kept until the page is left. */
  authorise(token: string): void;
}

const INTERVAL_MS = 1_000;

/** Asks once a second, for the list and for the session that the address names. */
export function createSessionMonitor(page: string, route: ReadonlySignal<Route>): SessionMonitor {
  const state = signal<SessionsState>({ name: 'asking' });
  let token = '';
  let timer: number | undefined;
  /** An answer to a question that was asked before the last change comes too late. */
  let turn = 0;

  async function read(id: string | undefined): Promise<SessionsState> {
    const sessions = await fetchServerSessions(page, token);
    if (sessions === 'denied') return { name: 'denied' };
    const detail = id === undefined ? undefined : await fetchServerSession(page, token, id);
    return { name: 'known', sessions, detail };
  }

  async function ask(): Promise<void> {
    clearTimeout(timer);
    const shown = route.peek();
    if (shown.view !== 'sessions' || document.hidden) return;
    const asked = (turn += 1);
    const answer = await read(shown.id).catch(() => ({ name: 'away' as const }));
    if (asked !== turn) return;
    state.value = answer;
    if (answer.name !== 'denied') timer = setTimeout(() => void ask(), INTERVAL_MS);
  }

  effect(() => {
    if (route.value.view === 'sessions') void ask();
  });
  document.addEventListener('visibilitychange', () => void ask());

  return {
    state,
    authorise(given) {
      token = given;
      void ask();
    },
  };
}
