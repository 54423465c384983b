import type { JSX } from 'preact';
import type { LogRow } from '../../state/logs/log-row.ts';
import { CopyButton } from '../copy-button.tsx';
import { CopyIcon } from '../icons.tsx';
import { conditionOf, fieldWords, levelTone } from './log-words.ts';

interface LogDetailProps {
  readonly row: LogRow;
  /** Adds a condition to the filter. */
  readonly filterBy: (condition: string) => void;
  readonly close: () => void;
}

/** Everything of one entry; a press on a value shows only entries that have it as well. */
export function LogDetail({ row, filterBy, close }: LogDetailProps): JSX.Element {
  const { entry, system } = row;
  const { span, message, level, timestamp, target, fields } = entry;
  const facts: readonly (readonly [string, string])[] = [
    ['system', system],
    ['target', target],
    ...(span ? ([['trace', span.trace_id], ['span', span.id]] as const) : []),
    ...(span?.parent_id === undefined ? [] : ([['parent', span.parent_id]] as const)),
    ...fieldWords(fields),
  ];
  return (
    <aside class="log-detail" aria-label="The chosen line">
      <div class="panel-head">
        <h2 class={`tone-${levelTone(level)}`}>{level}</h2>
        <CopyButton text={JSON.stringify({ system, ...entry })} what="this line as JSON">
          <CopyIcon />
        </CopyButton>
        <button type="button" class="button" onClick={close}>
          Close
        </button>
      </div>
      <p class="hint">
        <time dateTime={timestamp}>{timestamp}</time>
      </p>
      <pre class="log-message">{message}</pre>
      <dl class="log-facts-list">
        {facts.map(([name, value], place) => (
          <div key={place} class="log-fact">
            <dt>{name}</dt>
            <dd>
              <button type="button" class="log-value" title={`Show only lines with this ${name}`} onClick={() => filterBy(conditionOf(name, value))}>
                {value}
              </button>
            </dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
