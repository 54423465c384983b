import type { JSX } from 'preact';
import { CopyButton } from './copy-button.tsx';
import { CopyIcon } from './icons.tsx';

interface AddressProps {
  readonly url: string;
  /** What it is, for the copy button: `WHIP address`. */
  readonly what: string;
  /** Stands above it. */
  readonly label: string;
}

/** An address to take elsewhere. */
export function Address({ url, what, label }: AddressProps): JSX.Element {
  return (
    <div class="address">
      <p class="hint">{label}</p>
      <div class="address-box">
        <code>{url}</code>
        <CopyButton text={url} what={what}>
          <CopyIcon />
        </CopyButton>
      </div>
    </div>
  );
}
