import type { AdminRequest } from './admin-request.ts';

/** The beginning of a list. */
export interface Listing<T> {
  readonly rows: readonly T[];
  /** Whether the server has more of them. */
  readonly hasMore: boolean;
}

const ROWS_PER_PAGE = 100;
/** More is neither read by anybody nor drawn once a second. */
const MAX_PAGES = 5;

/**
 * Follows the Link headers of a list (RFC 8288), five hundred rows far.
 * @param isRow tells a row from what something else may have answered
 */
export async function fetchPages<T>(request: AdminRequest, path: string, isRow: (row: unknown) => row is T): Promise<Listing<T>> {
  const rows: T[] = [];
  let query: string | undefined = `?limit=${ROWS_PER_PAGE}`;
  for (let page = 0; page < MAX_PAGES && query !== undefined; page += 1) {
    // Each page is named by the one before.
    // oxlint-disable-next-line no-await-in-loop
    const response: Response = await request(`${path}${query}`);
    // oxlint-disable-next-line no-await-in-loop
    const body: unknown = await response.json();
    if (Array.isArray(body)) rows.push(...body.filter(isRow));
    query = nextQuery(response.headers.get('Link'));
  }
  return { rows, hasMore: query !== undefined };
}

/** The server names the next page by its query alone: `<?limit=100&cursor=…>; rel="next"`. */
function nextQuery(link: string | null): string | undefined {
  return /<(\?[^>]*)>;\s*rel="?next"?/.exec(link ?? '')?.[1];
}
