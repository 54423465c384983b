import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { CheckIcon } from './icons.tsx';

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for example `WHEP address of live/demo`. */
  readonly what: string;
  readonly children: ComponentChildren;
}

/** How long the tick stays, milliseconds. */
const TICK_MS = 1_500;

/** Copies a text and says so. */
export function CopyButton({ text, what, children }: CopyButtonProps): JSX.Element {
  const copied = useSignal(false);

  async function copy(): Promise<void> {
    await copyText(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, TICK_MS);
  }

  return (
    <button type="button" class="button button-icon" onClick={() => void copy()} title={`Copy ${what}`} aria-label={`Copy ${what}`}>
      {copied.value ? <CheckIcon /> : children}
      <span class="visually-hidden" role="status">
        {copied.value ? 'Copied' : ''}
      </span>
    </button>
  );
}

async function copyText(text: string): Promise<void> {
  // Absent on pages over plain http from another machine; then the person copies from the dialog.
  if ('clipboard' in navigator) await navigator.clipboard.writeText(text);
  else globalThis.prompt('Copy this address:', text);
}
