import type { JSX } from 'preact';
import { formatCount } from '../format.ts';
import type { Monitors } from '../state/monitors.ts';
import type { Route } from '../state/route.ts';
import { useStore } from '../state/store.ts';
import { ThemeIcon } from './icons.tsx';
import { Wordmark } from './wordmark.tsx';

const VIEWS: readonly (readonly [Route['view'], string])[] = [
  ['streams', 'Streams'],
  ['sessions', 'Sessions'],
  ['hooks', 'Hooks'],
  ['events', 'Events'],
  ['logs', 'Logs'],
];

/** Name, state of the server, colours. */
export function Header(): JSX.Element {
  const { monitors, theme, route } = useStore();
  const { view } = route.value;
  const state = monitors.streams.state.value;
  return (
    <header class="header">
      <h1 class="header-name">
        <Wordmark />
      </h1>
      <nav class="tabs" aria-label="Views">
        {VIEWS.map(([name, label]) => (
          <a key={name} class="tab" href={`#${name}`} aria-current={view === name && 'page'}>
            {label}
          </a>
        ))}
      </nav>
      <p class={`server-state server-state-${state.name}`} role="status">
        <span class="dot" aria-hidden="true" />
        {stateWords(state)}
      </p>
      <button type="button" class="button button-quiet" onClick={() => theme.next()} title="Change the colours">
        <ThemeIcon />
        <span class="theme-name">{theme.theme.value}</span>
        <span class="visually-hidden">colours, change them</span>
      </button>
    </header>
  );
}

function stateWords(state: ReturnType<Monitors['streams']['state']['peek']>): string {
  if (state.name === 'asking') return 'Looking for the server…';
  if (state.name === 'away') return 'The server does not answer. Trying again…';
  if (state.value === 'off') return 'Server online';
  const { rows, hasMore } = state.value;
  const viewers = rows.reduce((sum, { readers }) => sum + readers, 0);
  return hasMore ? `Server online · more than ${formatCount(rows.length, 'stream')}` : `Server online · ${formatCount(rows.length, 'stream')} · ${formatCount(viewers, 'viewer')}`;
}
