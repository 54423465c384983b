import type { JSX } from 'preact';

/** The mark (water under a play sign, as in the favicon) and the name. */
export function Wordmark(): JSX.Element {
  return (
    <span class="wordmark">
      <svg class="wordmark-sign" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" fill="#0b1220" />
        <path d="M0 17c4-3 7-3 10.7 0s6.7 3 10.6 0 6.7-3 10.7 0v7a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z" fill="#1d94b0" />
        <path d="M0 22.5c4-2.6 7-2.6 10.7 0s6.7 2.6 10.6 0 6.7-2.6 10.7 0V24a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z" fill="#2dd4bf" />
        <path d="M12 6.2v8.6l7.6-4.3z" fill="#fff" stroke="#fff" stroke-width="1.6" stroke-linejoin="round" />
      </svg>
      Sluice
    </span>
  );
}
