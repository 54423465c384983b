import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';
import { EchoPanel } from './echo-panel.tsx';
import { Header } from './header.tsx';
import { PublishForm } from './publish-form.tsx';
import { SessionCard } from './session-card.tsx';
import { StreamList } from './stream-list.tsx';

/** The page: open sessions on one side, what can be opened on the other. */
export function App(): JSX.Element {
  return (
    <>
      <Header />
      <main class="page">
        <OpenSessions />
        <div class="side">
          <StreamList />
          <PublishForm />
          <EchoPanel />
        </div>
      </main>
    </>
  );
}

function OpenSessions(): JSX.Element {
  const { sessions } = useStore();
  const list = sessions.list.value;
  return (
    <section class="sessions" aria-label="Open sessions">
      {list.map((session) => (
        <SessionCard key={session.id} session={session} />
      ))}
      {list.length === 0 && (
        <div class="empty">
          <p class="empty-title">Nothing is open</p>
          <p class="hint">Play a live stream, publish your camera, or hear your own echo.</p>
        </div>
      )}
    </section>
  );
}
