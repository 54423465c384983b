import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { parseStreamName } from '../api/stream-name.ts';
import { useStore } from '../state/store.ts';
import { StreamNameField } from './stream-name-field.tsx';

/** Plays a stream that is not in the list (yet). */
export function PlayForm(): JSX.Element {
  const { sessions } = useStore();
  const text = useSignal('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const name = parseStreamName(text.value);
    if (name) sessions.play(name);
  }

  return (
    <form class="inline-form" onSubmit={submit}>
      <StreamNameField label="Play by name" text={text} placeholder="live/camera" />
      <button type="submit" class="button">
        Play
      </button>
    </form>
  );
}
