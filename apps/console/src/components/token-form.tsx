import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';

interface TokenFormProps {
  /** Of the input; the title's is made of it. */
  readonly id: string;
  readonly title: string;
  readonly label: string;
  /** Whether the server refused the token given before. */
  readonly isWrong?: boolean;
  readonly onToken: (token: string) => void;
  /** What the token is, and where to find it. */
  readonly children: ComponentChildren;
}

/** Asks for a token that the server wants. */
export function TokenForm({ id, title, label, isWrong = false, onToken, children }: TokenFormProps): JSX.Element {
  const token = useSignal('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (token.value !== '') onToken(token.value);
  }

  return (
    <section class="panel panel-lone" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="hint">{children}</p>
      {isWrong && (
        <p class="tone-bad" role="alert">
          The server does not know this token.
        </p>
      )}
      <form class="inline-form" onSubmit={submit}>
        <div class="field">
          <label for={id}>{label}</label>
          <input
            id={id}
            type="password"
            autocomplete="off"
            value={token.value}
            onInput={({ currentTarget }) => {
              token.value = currentTarget.value;
            }}
          />
        </div>
        <button type="submit" class="button button-primary">
          Show
        </button>
      </form>
    </section>
  );
}
