import type { JSX } from 'preact';
import type { Listing } from '../api/pages.ts';

/** Says that a list goes on. */
export function MoreRows({ listing, total }: { readonly listing: Listing<unknown>; readonly total?: number | undefined }): JSX.Element | null {
  if (!listing.hasMore) return null;
  const shown = listing.rows.length;
  return <p class="hint">{total === undefined ? `The first ${shown} are shown; there are more.` : `The first ${shown} of ${total} are shown.`}</p>;
}
