import type { JSX } from 'preact';
import type { Listing } from '../api/pages.ts';
import { type DeadLetter, replayDeadLetters } from '../api/server-hooks.ts';
import { formatClock, formatCount } from '../format.ts';
import { useStore } from '../state/store.ts';
import { ActionButton } from './action-button.tsx';
import { MoreRows } from './more-rows.tsx';

/** Notifications that were given up, to be sent again when their receiver is back. */
export function DeadLetters({ letters }: { readonly letters: Listing<DeadLetter> }): JSX.Element {
  const { rows } = letters;
  const replay = useReplay();
  return (
    <section class="panel" aria-labelledby="letters-title">
      <div class="panel-head">
        <h2 id="letters-title">
          Dead letters <span class="choice-count">{`${rows.length}${letters.hasMore ? '+' : ''}`}</span>
        </h2>
        {rows.length > 0 && (
          <ActionButton label="Send all dead letters again" action={() => replay()}>
            Send all again
          </ActionButton>
        )}
      </div>
      {rows.length === 0 ? <p class="hint">None. Every notification has reached its receiver, or is still on its way.</p> : <LetterTable rows={rows} />}
      <MoreRows listing={letters} />
    </section>
  );
}

/** Sends one again, or all. */
function useReplay(): (id?: string) => Promise<string> {
  const { admin, monitors } = useStore();
  return async (id) => {
    const count = await replayDeadLetters(admin.request, id);
    monitors.hooks.refresh();
    return `${formatCount(count, 'notification is', 'notifications are')} on the way again.`;
  };
}

function LetterTable({ rows }: { readonly rows: readonly DeadLetter[] }): JSX.Element {
  const replay = useReplay();
  return (
    <ul class="letters">
      {rows.map(({ id, hook, url, failedAt, attempts, reason }) => (
        <li key={id} class="letter">
          <div class="letter-words">
            <p>
              <strong>{hook}</strong> <span class="tone-quiet">{`given up at ${formatClock(failedAt)} after ${formatCount(attempts, 'attempt')}`}</span>
            </p>
            <p class="letter-reason">{reason}</p>
            <code title={url}>{url}</code>
          </div>
          <ActionButton label={`Send this ${hook} again`} action={() => replay(id)}>
            Send again
          </ActionButton>
        </li>
      ))}
    </ul>
  );
}
