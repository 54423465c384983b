import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useStore } from '../state/store.ts';

interface ActionButtonProps {
  /** For those who do not see what stands around it: `End the session of …`. */
  readonly label: string;
  /** Asked before it is done; without one it is done at once. */
  readonly question?: string;
  /** Does it, and says what has become of it. */
  readonly action: () => Promise<string>;
  readonly children: ComponentChildren;
}

/** How long the question stands, milliseconds. */
const QUESTION_MS = 4_000;

/** Changes something on the server. What cannot be undone takes a second press. */
export function ActionButton({ label, question, action, children }: ActionButtonProps): JSX.Element {
  const { notices } = useStore();
  const state = useSignal<'ready' | 'asked' | 'busy'>('ready');

  useEffect(() => {
    if (state.value !== 'asked') return undefined;
    const timer = setTimeout(() => {
      state.value = 'ready';
    }, QUESTION_MS);
    return () => clearTimeout(timer);
  }, [state.value]);

  async function press(): Promise<void> {
    if (question !== undefined && state.value === 'ready') {
      state.value = 'asked';
      return;
    }
    state.value = 'busy';
    await notices.attempt(action);
    state.value = 'ready';
  }

  const isAsked = state.value === 'asked';
  return (
    <button
      type="button"
      class={isAsked ? 'button button-danger' : 'button'}
      disabled={state.value === 'busy'}
      onClick={() => void press()}
      aria-label={isAsked ? `${question} ${label}` : label}
    >
      {isAsked ? question : children}
    </button>
  );
}
