/** What a page goes through that an endpoint wants to know. */
export interface PageListener {
  /** It is left, or kept to be come back to. */
  readonly hide: (isKept: boolean) => void;
  /** The network is back. */
  readonly online: () => void;
}

/** Listens where there is a page; the returned function ends it. */
export function onPage({ hide, online }: PageListener): () => void {
  if (!('document' in globalThis)) return () => undefined;
  const onHide = ({ persisted }: PageTransitionEvent): void => hide(persisted);
  globalThis.addEventListener('pagehide', onHide);
  globalThis.addEventListener('online', online);
  return () => {
    globalThis.removeEventListener('pagehide', onHide);
    globalThis.removeEventListener('online', online);
  };
}
