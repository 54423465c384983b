import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useStore } from '../../state/store.ts';

/** Asks for the token of the logs, which is kept until the page is left. */
export function LogTokenForm(): JSX.Element {
  const { logs } = useStore();
  const token = useSignal('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (token.value !== '') logs.authorise(token.value);
  }

  return (
    <main class="operations">
      <section class="panel panel-lone" aria-labelledby="logs-token-title">
        <h2 id="logs-token-title">Logs</h2>
        <p class="hint">
          The server shows logs only to who knows the token that stands as <code>logs.token</code> in its configuration.
        </p>
        <form class="inline-form" onSubmit={submit}>
          <div class="field">
            <label for="logs-token">Token of the logs</label>
            <input
              id="logs-token"
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
    </main>
  );
}
