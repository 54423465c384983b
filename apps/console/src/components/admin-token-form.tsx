import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';

/** Asks for the admin token, which is kept until the tab is closed. */
export function AdminTokenForm(): JSX.Element {
  const { admin } = useStore();
  const token = useSignal('');
  const isWrong = admin.token.value.text !== '';

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (token.value !== '') admin.authorise(token.value);
  }

  return (
    <section class="panel panel-lone" aria-labelledby="token-title">
      <h2 id="token-title">For administrators</h2>
      <p class="hint">
        The server tells this only to who knows its admin token: <code>http.adminToken</code> of its configuration or, without one, the token in the file that its log names. In a terminal the server prints a link at its start that
        brings you here with it.
      </p>
      {isWrong && (
        <p class="tone-bad" role="alert">
          The server does not know this token.
        </p>
      )}
      <form class="inline-form" onSubmit={submit}>
        <div class="field">
          <label for="admin-token">Admin token</label>
          <input
            id="admin-token"
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
