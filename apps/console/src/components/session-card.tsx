import type { JSX } from 'preact';
import { streamNameText } from '../api/stream-name.ts';
import { shareUrl } from '../api/urls.ts';
import type { Session } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { Address } from './address.tsx';
import { EchoChat } from './echo-chat.tsx';
import { StopIcon } from './icons.tsx';
import { SessionPicture } from './session-picture.tsx';
import { SessionStatsRow } from './session-stats.tsx';
import { kindWords, stateWords } from './session-words.ts';

/** A session: what it does, its picture, how it goes, how to end it. */
export function SessionCard({ session }: { readonly session: Session }): JSX.Element {
  const { page, sessions } = useStore();
  const { kind, name } = session;
  const state = session.state.value;
  const text = kind === 'echo' ? '' : streamNameText(name);
  const title = `${kindWords(kind)} ${text}`.trimEnd();
  return (
    <article class="card" aria-label={title}>
      <header class="card-head">
        <h2>
          <span class={text && 'card-kind'}>{kindWords(kind)}</span> {text}
        </h2>
        <p class={`session-state session-state-${state.name}`} role="status">
          {stateWords(state)}
        </p>
        {state.name !== 'ended' && (
          <button type="button" class="button" onClick={() => sessions.dismiss(session)} aria-label={`Stop ${title}`}>
            <StopIcon />
            Stop
          </button>
        )}
      </header>
      <SessionPicture session={session} />
      {state.name !== 'ended' && (
        <div class="card-body">
          <SessionStatsRow session={session} />
          {kind === 'publish' && <Address label="Watch it in another tab or on another device:" url={shareUrl(page, name)} what="link" />}
          {kind === 'echo' && <EchoChat session={session} />}
        </div>
      )}
    </article>
  );
}
