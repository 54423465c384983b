import { useSignal } from '@preact/signals';
import type { LogLevel } from '@sluice/client';
import { LOG_LEVELS } from '@sluice/client';
import type { JSX } from 'preact';
import { formatCount, formatInteger } from '../../format.ts';
import type { LogRow } from '../../state/logs/log-row.ts';
import type { LiveLogs, LogsState } from '../../state/logs/live-logs.ts';
import { useStore } from '../../state/store.ts';
import { LogDetail } from './log-detail.tsx';
import { LogFind } from './log-find.tsx';
import { LogLines } from './log-lines.tsx';
import { LogSystems } from './log-systems.tsx';
import { LogTokenForm } from './log-token-form.tsx';
import { levelTone } from './log-words.ts';

/** The logs of all systems that send theirs, as they come. */
export function LogsView(): JSX.Element {
  const { logs } = useStore();
  const selected = useSignal<LogRow | undefined>(undefined);
  /** Index of the line that was found last. */
  const target = useSignal<{ readonly index: number } | undefined>(undefined);
  if (logs.state.value === 'denied') return <LogTokenForm />;

  function filterBy(condition: string): void {
    const before = logs.text.peek().trim();
    logs.search(before === '' ? condition : `${before} ${condition}`);
  }

  return (
    <main class="operations logs">
      <section class="panel logs-panel" aria-labelledby="logs-title">
        <LogsHead logs={logs} />
        <LogSystems logs={logs} />
        <div class="log-tools">
          <LevelChips logs={logs} />
          <input
            type="text"
            class="log-search"
            aria-label="Show only lines that fit"
            title={'Words, "phrases", field=value, field!=value, -without'}
            placeholder="Filter: words, order=4711, target=db, -without"
            value={logs.text.value}
            onInput={({ currentTarget }) => logs.search(currentTarget.value)}
          />
          <LogFind
            logs={logs}
            found={(index, row) => {
              target.value = { index };
              selected.value = row;
            }}
          />
          <label class="chip">
            <input type="checkbox" checked={logs.grouped.value} onChange={({ currentTarget }) => logs.group(currentTarget.checked)} />
            <span>By trace</span>
          </label>
        </div>
        <div class={selected.value ? 'logs-body logs-body-split' : 'logs-body'}>
          <LogLines logs={logs} selected={selected} target={target} />
          {selected.value && (
            <LogDetail
              row={selected.value}
              filterBy={filterBy}
              close={() => {
                selected.value = undefined;
              }}
            />
          )}
        </div>
        <LogsFoot logs={logs} />
      </section>
    </main>
  );
}

const STATE_WORDS: Readonly<Record<LogsState, string>> = {
  stopped: 'Stopped',
  connecting: 'Connecting…',
  registered: 'Listening',
  waiting: 'Server away. Trying again…',
  closed: 'Closed',
  denied: 'Token needed',
};

function LogsHead({ logs }: { readonly logs: LiveLogs }): JSX.Element {
  const isPaused = logs.paused.value;
  const state = logs.state.value;
  const tone = !isPaused && state === 'registered' ? 'good' : 'warn';
  return (
    <div class="panel-head">
      <h2 id="logs-title">Logs</h2>
      <p class={`session-state tone-back-${tone}`} role="status">
        {isPaused ? `Paused · ${formatInteger(logs.counts.value.held)} new` : STATE_WORDS[state]}
      </p>
      <button type="button" class="button" onClick={() => logs.pause(!isPaused)}>
        {isPaused ? 'Go on' : 'Pause'}
      </button>
      <button type="button" class="button" onClick={() => logs.clear()}>
        Clear
      </button>
      <button type="button" class="button" disabled={logs.counts.value.fitting === 0} onClick={() => download(logs.export())}>
        Export
      </button>
    </div>
  );
}

function LevelChips({ logs }: { readonly logs: LiveLogs }): JSX.Element {
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Which levels to show</legend>
      {LOG_LEVELS.map((level: LogLevel) => (
        <label key={level} class={`chip level-chip tone-${levelTone(level)}`}>
          <input type="checkbox" checked={logs.levels.value.has(level)} onChange={() => logs.toggleLevel(level)} />
          <span>{level}</span>
        </label>
      ))}
    </fieldset>
  );
}

function LogsFoot({ logs }: { readonly logs: LiveLogs }): JSX.Element {
  const { kept, fitting, evicted, received } = logs.counts.value;
  const shown = fitting === kept ? `${formatInteger(kept)} lines` : `${formatInteger(fitting)} of ${formatInteger(kept)} lines fit`;
  const gone = evicted === 0 ? '' : ` · the oldest ${formatInteger(evicted)} gave way`;
  return (
    <p class="hint logs-foot">
      {`${shown}${gone} · `}
      <span data-received={received}>{`${formatInteger(received)} received`}</span>
      {` from ${formatCount(logs.systems.value.length, 'system')}`}
    </p>
  );
}

function download(ndjson: string): void {
  const url = URL.createObjectURL(new Blob([ndjson], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `logs-${new Date().toISOString().replaceAll(':', '-')}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
