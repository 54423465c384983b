import type { JSX } from 'preact';
import { formatCount } from '../format.ts';
import type { ServerState } from '../state/server-monitor.ts';
import { useStore } from '../state/store.ts';
import { ThemeIcon } from './icons.tsx';
import { Wordmark } from './wordmark.tsx';

/** Name, state of the server, colours. */
export function Header(): JSX.Element {
  const { server, theme, route } = useStore();
  const { view } = route.value;
  const { name } = server.state.value;
  return (
    <header class="header">
      <h1 class="header-name">
        <Wordmark />
      </h1>
      <nav class="tabs" aria-label="Views">
        <a class="tab" href="#streams" aria-current={view === 'streams' && 'page'}>
          Streams
        </a>
        <a class="tab" href="#sessions" aria-current={view === 'sessions' && 'page'}>
          Sessions
        </a>
      </nav>
      <p class={`server-state server-state-${name}`} role="status">
        <span class="dot" aria-hidden="true" />
        {stateWords(server.state.value)}
      </p>
      <button type="button" class="button button-quiet" onClick={() => theme.next()} title="Change the colours">
        <ThemeIcon />
        <span class="theme-name">{theme.theme.value}</span>
        <span class="visually-hidden">colours, change them</span>
      </button>
    </header>
  );
}

const STATE_WORDS: Readonly<Record<ServerState['name'], string>> = {
  asking: 'Looking for the server…',
  away: 'The server does not answer. Trying again…',
  'list-off': 'Server online',
  online: 'Server online',
};

function stateWords(state: ServerState): string {
  const words = STATE_WORDS[state.name];
  if (state.name !== 'online') return words;
  const viewers = state.streams.reduce((sum, { readers }) => sum + readers, 0);
  return `${words} · ${formatCount(state.streams.length, 'stream')} · ${formatCount(viewers, 'viewer')}`;
}
