import type { JSX } from 'preact';
import type { Monitors } from '../state/monitors.ts';
import { useStore } from '../state/store.ts';
import { MoreRows } from './more-rows.tsx';
import { PlayForm } from './play-form.tsx';
import { StreamRow } from './stream-row.tsx';

/** What is live on the server. */
export function StreamList(): JSX.Element {
  const { monitors } = useStore();
  return (
    <section class="panel" aria-labelledby="streams-title">
      <h2 id="streams-title">Live streams</h2>
      <Streams state={monitors.streams.state.value} />
      <PlayForm />
    </section>
  );
}

function Streams({ state }: { readonly state: ReturnType<Monitors['streams']['state']['peek']> }): JSX.Element {
  const { state: figures } = useStore().monitors.figures;
  const total = figures.value.name === 'known' ? figures.value.value.streams : undefined;
  if (state.name === 'asking') return <p class="hint">Asking the server…</p>;
  if (state.name === 'away') return <p class="hint">The server does not answer, so nothing can be listed. This page keeps trying.</p>;
  if (state.value === 'off') return <ListOff />;
  if (state.value.rows.length === 0) return <p class="hint">Nothing is live. Publish something below, and it appears here.</p>;
  return (
    <>
      <ul class="streams">
        {state.value.rows.map((stream) => (
          <StreamRow key={`${stream.vhost}/${stream.app}/${stream.stream}`} stream={stream} />
        ))}
      </ul>
      <MoreRows listing={state.value} total={total} />
    </>
  );
}

function ListOff(): JSX.Element {
  return (
    <p class="hint">
      This server lists its streams for administrators only. To let everybody see them, set <code>http.streamList</code> to <code>true</code> in its
      configuration, or give the admin token under <a href="#sessions">Sessions</a>. Playing by name works all the same.
    </p>
  );
}
