import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';
import { TokenForm } from './token-form.tsx';

/** Asks for the admin token, which is kept until the tab is closed. */
export function AdminTokenForm(): JSX.Element {
  const { admin } = useStore();
  return (
    <TokenForm id="admin-token" title="For administrators" label="Admin token" isWrong={admin.token.value.text !== ''} onToken={(token) => admin.authorise(token)}>
      The server tells this only to who knows its admin token: <code>http.adminToken</code> of its configuration or, without one, the token in the file that its log names. In a terminal the server prints a link at its start that
      brings you here with it.
    </TokenForm>
  );
}
