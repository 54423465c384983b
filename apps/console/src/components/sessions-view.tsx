import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ServerSession } from '../api/server-sessions.ts';
import { formatDuration } from '../format.ts';
import type { SessionsReport } from '../state/monitors.ts';
import { useStore } from '../state/store.ts';
import { AdminView, Answered } from './admin-view.tsx';
import { MoreRows } from './more-rows.tsx';
import { ServerSessionPanel } from './server-session-panel.tsx';
import { standingOf, titleOf } from './server-session-words.ts';

/** Everybody who is connected to the server, or tried to be, and why it worked or not. */
export function SessionsView(): JSX.Element {
  const { state } = useStore().monitors.sessions;
  return (
    <AdminView class="inspector">
      <Answered state={state.value}>
        {(report) => (
          <>
            <SessionRows report={report} />
            {report.detail ? <ServerSessionPanel key={report.detail.id} session={report.detail} /> : <NothingSelected />}
          </>
        )}
      </Answered>
    </AdminView>
  );
}

type Filter = 'all' | 'open' | 'failed';

const FILTERS: Readonly<Record<Filter, { readonly label: string; readonly fits: (session: ServerSession) => boolean }>> = {
  all: { label: 'All', fits: () => true },
  open: { label: 'Open', fits: ({ endedAt }) => endedAt === undefined },
  failed: { label: 'Failed', fits: (session) => standingOf(session).tone === 'bad' },
};
const FILTER_NAMES: readonly Filter[] = ['all', 'open', 'failed'];

function SessionRows({ report }: { readonly report: SessionsReport }): JSX.Element {
  const { rows: sessions, detail } = report;
  const filter = useSignal<Filter>('all');
  const shown = sessions.filter(FILTERS[filter.value].fits);
  return (
    <section class="panel" aria-labelledby="server-sessions-title">
      <h2 id="server-sessions-title">Sessions</h2>
      <fieldset class="choice choice-close">
        <legend class="visually-hidden">Which sessions to list</legend>
        {FILTER_NAMES.map((name) => (
          <label key={name} class="choice-option">
            <input
              type="radio"
              name="session-filter"
              checked={filter.value === name}
              onChange={() => {
                filter.value = name;
              }}
            />
            <span>
              {FILTERS[name].label} <span class="choice-count">{sessions.filter(FILTERS[name].fits).length}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {shown.length === 0 && <p class="hint">None. Who publishes or plays here appears at once, and stays for a while after the end.</p>}
      <ul class="session-rows">
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} isSelected={session.id === detail?.id} />
        ))}
      </ul>
      <MoreRows listing={report} />
    </section>
  );
}

function SessionRow({ session, isSelected }: { readonly session: ServerSession; readonly isSelected: boolean }): JSX.Element {
  const { word, tone } = standingOf(session);
  const { id, protocol, client, createdAt, endedAt } = session;
  return (
    <li>
      <a class="session-row" href={`#sessions/${id}`} aria-current={isSelected}>
        <span class={`session-row-dot tone-${tone}`} aria-hidden="true" />
        <span class="session-row-title">{titleOf(session)}</span>
        <span class={`session-row-state tone-${tone}`}>{word}</span>
        <span class="session-row-facts">
          {client.address} · {protocol} · {endedAt === undefined ? `for ${formatDuration(Date.now() - createdAt)}` : `${formatDuration(Date.now() - endedAt)} ago`}
        </span>
      </a>
    </li>
  );
}

function NothingSelected(): JSX.Element {
  return (
    <section class="empty">
      <p class="empty-title">Choose a session</p>
      <p class="hint">See which addresses each side offered, what came through, and why a connection did not come about.</p>
    </section>
  );
}
