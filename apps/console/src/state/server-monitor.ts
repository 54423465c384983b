import { type ReadonlySignal, signal } from '@preact/signals';
import { type LiveStream, fetchStreams } from '../api/streams.ts';

/** What the page knows of the server. `list-off` = it runs, but does not tell its streams. */
export type ServerState =
  | { readonly name: 'asking' }
  | { readonly name: 'online'; readonly streams: readonly LiveStream[] }
  | { readonly name: 'list-off' }
  | { readonly name: 'away' };

/** Watches the server while the page is visible. */
export interface ServerMonitor {
  readonly state: ReadonlySignal<ServerState>;
  start(): void;
}

const INTERVAL_MS = 1_000;

/** Asks for the list of streams once a second. */
export function createServerMonitor(page: string): ServerMonitor {
  const state = signal<ServerState>({ name: 'asking' });
  let timer: number | undefined;

  async function ask(): Promise<void> {
    state.value = await fetchStreams(page).then(
      (streams) => (streams === 'off' ? { name: 'list-off' as const } : { name: 'online' as const, streams }),
      () => ({ name: 'away' as const }),
    );
    if (!document.hidden) timer = setTimeout(() => void ask(), INTERVAL_MS);
  }

  return {
    state,
    start() {
      void ask();
      document.addEventListener('visibilitychange', () => {
        clearTimeout(timer);
        if (!document.hidden) void ask();
      });
    },
  };
}
