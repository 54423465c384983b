import { effect } from '@preact/signals';
import { sharedStream } from '../api/urls.ts';
import type { Store } from './store.ts';

/** Plays what the address asks for, and otherwise the demo stream once the server lists it. */
export function startFirstLook({ monitors, sessions }: Store): void {
  playShared(sessions);
  window.addEventListener('hashchange', () => playShared(sessions));
  if (sessions.list.value.length > 0) return;

  const stop = effect(() => {
    const state = monitors.streams.state.value;
    if (state.name !== 'known' || state.value === 'off') return;
    queueMicrotask(() => stop());
    const isDemo = state.value.rows.some(({ app, stream }) => app === 'live' && stream === 'demo');
    if (isDemo && sessions.list.peek().length === 0) sessions.play({ app: 'live', stream: 'demo', query: '' });
  });
}

function playShared(sessions: Store['sessions']): void {
  const name = sharedStream(location.hash);
  if (name) sessions.play(name);
}
