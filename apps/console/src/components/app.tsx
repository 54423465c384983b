import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';
import { EchoPanel } from './echo-panel.tsx';
import { EventsView } from './events-view.tsx';
import { FiguresStrip } from './figures-strip.tsx';
import { Header } from './header.tsx';
import { HooksView } from './hooks-view.tsx';
import { LogsView } from './logs/logs-view.tsx';
import { Notice } from './notice.tsx';
import { PublishForm } from './publish-form.tsx';
import { SessionCard } from './session-card.tsx';
import { SessionsView } from './sessions-view.tsx';
import { StreamList } from './stream-list.tsx';

/** The page: what it has open on one side, what can be opened on the other; or what an operator looks after. */
export function App(): JSX.Element {
  const { route } = useStore();
  const { view } = route.value;
  // What plays goes on playing behind the other views.
  return (
    <>
      <Header />
      {view !== 'events' && view !== 'logs' && <FiguresStrip />}
      {view === 'sessions' && <SessionsView />}
      {view === 'hooks' && <HooksView />}
      {view === 'events' && <EventsView />}
      {view === 'logs' && <LogsView />}
      <main class="page" hidden={view !== 'streams'}>
        <OpenSessions />
        <div class="side">
          <StreamList />
          <PublishForm />
          <EchoPanel />
        </div>
      </main>
      <Notice />
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
