import type { Session, SessionKind, SessionState } from '../state/session.ts';

const KIND_WORDS: Readonly<Record<SessionKind, string>> = { play: 'Playing', publish: 'Publishing', echo: 'Echo' };

/** What a session does, for its heading. */
export function kindWords(kind: SessionKind): string {
  return KIND_WORDS[kind];
}

const STATE_WORDS: Readonly<Record<SessionState['name'], string>> = {
  capturing: 'Starting',
  negotiating: 'Starting',
  connecting: 'Connecting',
  connected: 'Connected',
  interrupted: 'Interrupted',
  ended: 'Ended',
};

/** Where a session is, in one word. */
export function stateWords(state: SessionState): string {
  return state.name === 'ended' && state.failed ? 'Failed' : STATE_WORDS[state.name];
}

/** What a person waits for; undefined when the picture speaks for itself. */
export function waitingWords({ kind, source }: Pick<Session, 'kind' | 'source'>, { name }: SessionState): string | undefined {
  if (name === 'capturing') return source === 'screen' ? 'Choose what to share…' : 'Waiting for the camera…';
  if (name === 'negotiating') return kind === 'play' ? 'Waiting for the stream…' : 'Asking the server…';
  if (name === 'connecting') return 'Connecting…';
  if (name === 'interrupted') return 'The connection is interrupted. Waiting for it to come back…';
  return undefined;
}
