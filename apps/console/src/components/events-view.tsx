import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatClock, formatCount } from '../format.ts';
import { EVENT_KINDS, type EventKind, filterEvents } from '../state/event-filter.ts';
import type { LogEntry, LogState } from '../state/event-log.ts';
import { useStore } from '../state/store.ts';
import { AdminView } from './admin-view.tsx';
import { KIND_LABELS, eventWords } from './event-words.ts';

/** What happens on the server, as it happens. */
export function EventsView(): JSX.Element {
  const { events } = useStore();
  const kinds = useSignal<ReadonlySet<EventKind>>(new Set(EVENT_KINDS));
  const text = useSignal('');
  const shown = useComputed(() => filterEvents(events.entries.value, { kinds: kinds.value, text: text.value }));

  function toggle(kind: EventKind): void {
    const chosen = new Set(kinds.value);
    if (!chosen.delete(kind)) chosen.add(kind);
    kinds.value = chosen;
  }

  return (
    <AdminView class="operations">
      <section class="panel" aria-labelledby="events-title">
        <LogHead />
        <div class="log-tools">
          <fieldset class="chips">
            <legend class="visually-hidden">Which events to show</legend>
            {EVENT_KINDS.map((kind) => (
              <label key={kind} class="chip">
                <input type="checkbox" checked={kinds.value.has(kind)} onChange={() => toggle(kind)} />
                <span>{KIND_LABELS[kind]}</span>
              </label>
            ))}
          </fieldset>
          <input
            type="text"
            class="log-search"
            aria-label="Show only events with these words"
            placeholder="Stream, address, reason…"
            value={text.value}
            onInput={({ currentTarget }) => {
              text.value = currentTarget.value;
            }}
          />
        </div>
        <LogRows entries={shown.value} total={events.entries.value.length} />
      </section>
    </AdminView>
  );
}

const STATE_WORDS: Readonly<Record<LogState, string>> = {
  stopped: 'Stopped',
  connecting: 'Connecting…',
  listening: 'Listening',
  waiting: 'Connection lost. Trying again…',
};

function LogHead(): JSX.Element {
  const { events } = useStore();
  const state = events.state.value;
  const isPaused = events.paused.value;
  const tone = isPaused ? 'warn' : state === 'listening' ? 'good' : 'warn';
  return (
    <div class="panel-head">
      <h2 id="events-title">Events</h2>
      <p class={`session-state tone-back-${tone}`} role="status">
        {isPaused ? `Paused · ${events.held.value} new` : STATE_WORDS[state]}
      </p>
      <button type="button" class="button" onClick={() => events.pause(!isPaused)}>
        {isPaused ? 'Go on' : 'Pause'}
      </button>
      <button type="button" class="button" onClick={() => events.clear()}>
        Clear
      </button>
    </div>
  );
}

function LogRows({ entries, total }: { readonly entries: readonly LogEntry[]; readonly total: number }): JSX.Element {
  if (total === 0) return <p class="hint log-empty">Nothing has happened since this page listens. Who comes, connects or leaves stands here at once.</p>;
  return (
    <>
      <ol class="log">
        {entries.map((entry) => (
          <LogRow key={entry.key} entry={entry} />
        ))}
      </ol>
      <p class="hint">{entries.length === total ? `${formatCount(total, 'event')}, the newest first.` : `${entries.length} of ${formatCount(total, 'event')} fit.`}</p>
    </>
  );
}

function LogRow({ entry }: { readonly entry: LogEntry }): JSX.Element {
  if (entry.type === 'missed') return <li class="log-gap">{`Before ${formatClock(entry.at)} some events were missed, because this page was away for too long.`}</li>;
  const { word, tone, subject, facts, sessionId } = eventWords(entry);
  return (
    <li class="log-row">
      <time class="log-time" dateTime={new Date(entry.at).toISOString()} title={new Date(entry.at).toLocaleString()}>
        {formatClock(entry.at)}
      </time>
      <span class={`log-word tone-${tone}`}>{word}</span>
      <span class="log-subject">{sessionId === undefined ? subject : <a href={`#sessions/${sessionId}`}>{subject}</a>}</span>
      <span class="log-facts">{facts.join(' · ')}</span>
    </li>
  );
}
