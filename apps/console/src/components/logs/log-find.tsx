import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatInteger } from '../../format.ts';
import type { LogRow } from '../../state/logs/log-row.ts';
import type { ListLines, LiveLogs } from '../../state/logs/live-logs.ts';

interface LogFindProps {
  readonly logs: LiveLogs;
  readonly found: (index: number, row: LogRow) => void;
}

/** Looks for words in the lines that are shown, from the newest up, and leaves the others in sight. */
export function LogFind({ logs, found }: LogFindProps): JSX.Element {
  const text = useSignal('');
  const place = useSignal('');
  const current = useSignal<LogRow | undefined>(undefined);

  function go(step: 1 | -1): void {
    const matches = matchesIn(logs.lines.peek(), text.peek().toLowerCase());
    const at = matches.findIndex(({ row }) => row === current.peek());
    const start = step > 0 ? -1 : matches.length;
    const next = ((at < 0 ? start : at) + step + matches.length) % matches.length;
    const match = matches[next];
    place.value = match ? `${formatInteger(next + 1)} of ${formatInteger(matches.length)}` : 'Nothing found';
    current.value = match?.row;
    if (!match) return;
    logs.pause(true);
    found(match.index, match.row);
  }

  return (
    <div class="log-find">
      <input
        type="text"
        aria-label="Find in the lines that are shown; Enter goes up, Shift and Enter down"
        placeholder="Find"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          place.value = '';
          current.value = undefined;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && text.value !== '') go(event.shiftKey ? 1 : -1);
        }}
      />
      <span class="hint" role="status">
        {place.value}
      </span>
    </div>
  );
}

function matchesIn(lines: ListLines, words: string): readonly { readonly index: number; readonly row: LogRow }[] {
  const indices = Array.from({ length: lines.size }, (_, index) => index);
  return indices.flatMap((index) => {
    const item = lines.at(index);
    return item?.type === 'row' && item.row.haystack.includes(words) ? [{ index, row: item.row }] : [];
  });
}
