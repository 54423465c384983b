import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatMilliseconds } from '../format.ts';
import type { Session } from '../state/session.ts';

/** Messages over the data channel and how long each took to come back. */
export function EchoChat({ session }: { readonly session: Session }): JSX.Element {
  const text = useSignal('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const message = text.value.trim();
    if (message === '') return;
    session.send(message);
    text.value = '';
  }

  return (
    <div class="chat">
      <div class="chat-messages" role="log" aria-label="Messages that came back">
        <ol>
          {session.messages.value.map(({ id, text: words, roundTripMs }) => (
            <li key={id}>
              <span class="chat-text">{words}</span>
              <span class="chat-time">{roundTripMs === undefined ? 'on its way…' : `back after ${formatMilliseconds(roundTripMs)}`}</span>
            </li>
          ))}
        </ol>
      </div>
      <form class="inline-form" onSubmit={submit}>
        <input
          type="text"
          aria-label="Message to echo"
          placeholder={session.channelOpen.value ? 'Write a message; it comes back' : 'The data channel is opening…'}
          disabled={!session.channelOpen.value}
          maxLength={1000}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <button type="submit" class="button" disabled={!session.channelOpen.value}>
          Send
        </button>
      </form>
    </div>
  );
}
