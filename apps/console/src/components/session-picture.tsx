import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { streamNameText } from '../api/stream-name.ts';
import type { Session, SessionState } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { FullscreenIcon, MutedIcon, SoundIcon } from './icons.tsx';
import { MediaView } from './media-view.tsx';
import { waitingWords } from './session-words.ts';

/** The picture of a session with what lies over it. */
export function SessionPicture({ session }: { readonly session: Session }): JSX.Element {
  const muted = useSignal(true);
  const frame = useRef<HTMLDivElement>(null);
  const { kind, name } = session;
  const state = session.state.value;
  const local = session.local.value;
  const media = kind === 'publish' ? local : session.remote.value;

  return (
    <div class="picture" ref={frame}>
      {media && <MediaView class="picture-main" media={media} muted={kind === 'publish' || muted.value} label={`Picture of ${streamNameText(name)}`} />}
      {kind === 'echo' && local && <MediaView class="picture-inset" media={local} muted label="What is sent" />}
      <Overlay session={session} state={state} />
      {media && state.name === 'connected' && (
        <div class="picture-controls">
          {kind !== 'publish' && <SoundButton muted={muted.value} onClick={() => (muted.value = !muted.value)} />}
          <button type="button" class="button button-over" onClick={() => void frame.current?.requestFullscreen()} aria-label="Full screen" title="Full screen">
            <FullscreenIcon />
          </button>
        </div>
      )}
    </div>
  );
}

function SoundButton({ muted, onClick }: { readonly muted: boolean; readonly onClick: () => void }): JSX.Element {
  return (
    <button type="button" class={muted ? 'button button-over button-loud' : 'button button-over'} onClick={onClick} aria-label={muted ? 'Unmute' : 'Mute'}>
      {muted ? <MutedIcon /> : <SoundIcon />}
      {muted && 'Unmute'}
    </button>
  );
}

function Overlay({ session, state }: { readonly session: Session; readonly state: SessionState }): JSX.Element | null {
  if (state.name === 'ended') return <Ending session={session} words={state.words} failed={state.failed} />;
  const words = waitingWords(session, state) ?? soundOnlyWords(session);
  if (words === undefined) return null;
  return (
    <div class="picture-overlay">
      {state.name !== 'connected' && <span class="spinner" aria-hidden="true" />}
      <p>{words}</p>
    </div>
  );
}

function Ending({ session, words, failed }: { readonly session: Session; readonly words: string; readonly failed: boolean }): JSX.Element {
  const { sessions } = useStore();
  return (
    <div class="picture-overlay" role={failed ? 'alert' : 'status'}>
      <p>{words}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={() => void session.start()}>
          {failed ? 'Try again' : 'Start again'}
        </button>
        <button type="button" class="button" onClick={() => sessions.dismiss(session)}>
          Close
        </button>
      </div>
    </div>
  );
}

function soundOnlyWords({ kind, remote }: Session): string | undefined {
  const media = remote.value;
  return kind === 'play' && media && media.getVideoTracks().length === 0 ? 'Sound only' : undefined;
}
