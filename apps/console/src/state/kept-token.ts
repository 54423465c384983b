const KEY = 'sluice-admin-token';
const LINK = /^#token=([\w-]+)$/;

/**
 * The admin token of this tab: from the link that the server prints at its start (`#token=…`), which is taken out of the
 * address, or from before the page was reloaded.
 */
export function takeToken(): string {
  const [, linked] = LINK.exec(location.hash) ?? [];
  if (linked === undefined) return sessionStorage.getItem(KEY) ?? '';
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(linked);
  return linked;
}

/** Until the tab is closed. */
export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}
