import type { JSX } from 'preact';
import { useStore } from '../../state/store.ts';
import { TokenForm } from '../token-form.tsx';

/** Asks for the token of the logs, which is kept until the page is left. */
export function LogTokenForm(): JSX.Element {
  const { logs } = useStore();
  return (
    <main class="operations">
      <TokenForm id="logs-token" title="Logs" label="Token of the logs" onToken={(token) => logs.authorise(token)}>
        The server shows logs only to who knows the token that stands as <code>logs.token</code> in its configuration.
      </TokenForm>
    </main>
  );
}
