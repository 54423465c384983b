import type { ComponentChildren, JSX } from 'preact';
import type { Polled } from '../state/poll.ts';
import { useStore } from '../state/store.ts';
import { AdminTokenForm } from './admin-token-form.tsx';

interface AdminViewProps {
  readonly class: string;
  readonly children: ComponentChildren;
}

/** A view for administrators; asks everybody else for the token. */
export function AdminView({ class: className, children }: AdminViewProps): JSX.Element {
  const { admin } = useStore();
  return <main class={className}>{admin.access.value === 'denied' ? <AdminTokenForm /> : children}</main>;
}

interface AnsweredProps<T> {
  readonly state: Polled<T>;
  readonly children: (value: T) => JSX.Element;
}

/** What the server has answered, or why there is nothing yet. */
export function Answered<T>({ state, children }: AnsweredProps<T>): JSX.Element {
  if (state.name === 'known') return children(state.value);
  return <p class="hint">{state.name === 'asking' ? 'Asking the server…' : 'The server does not answer. This page keeps trying.'}</p>;
}
