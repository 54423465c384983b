import type { JSX } from 'preact';
import type { ServerState } from '../state/server-monitor.ts';
import { useStore } from '../state/store.ts';
import { PlayForm } from './play-form.tsx';
import { StreamRow } from './stream-row.tsx';

/** What is live on the server. */
export function StreamList(): JSX.Element {
  const { server } = useStore();
  return (
    <section class="panel" aria-labelledby="streams-title">
      <h2 id="streams-title">Live streams</h2>
      <Streams state={server.state.value} />
      <PlayForm />
    </section>
  );
}

function Streams({ state }: { readonly state: ServerState }): JSX.Element {
  if (state.name === 'asking') return <p class="hint">Asking the server…</p>;
  if (state.name === 'away') return <p class="hint">The server does not answer, so nothing can be listed. This page keeps trying.</p>;
  if (state.name === 'list-off') return <ListOff />;
  if (state.streams.length === 0) return <p class="hint">Nothing is live. Publish something below, and it appears here.</p>;
  return (
    <ul class="streams">
      {state.streams.map((stream) => (
        <StreamRow key={`${stream.vhost}/${stream.app}/${stream.stream}`} stream={stream} />
      ))}
    </ul>
  );
}

function ListOff(): JSX.Element {
  return (
    <p class="hint">
      This server does not list its streams. To see them here, set <code>http.streamList</code> to <code>true</code> in its configuration
      and start it again. Playing by name works all the same.
    </p>
  );
}
