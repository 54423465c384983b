import { type ReadonlySignal, signal } from '@preact/signals';

/** What the page shows, as its address says: `#sessions`, `#sessions/{id}`, `#hooks` or `#events`, otherwise the streams. */
export type Route = { readonly view: 'streams' | 'hooks' | 'events' } | { readonly view: 'sessions'; readonly id: string | undefined };

/** Follows the address. */
export function createRoute(): ReadonlySignal<Route> {
  const route = signal(routeOf(location.hash));
  window.addEventListener('hashchange', () => {
    route.value = routeOf(location.hash);
  });
  return route;
}

/** Ids are base64url, so that they need no decoding. */
function routeOf(hash: string): Route {
  if (hash === '#hooks' || hash === '#events') return { view: hash === '#hooks' ? 'hooks' : 'events' };
  const [, id] = /^#sessions(?:\/([\w-]+))?$/.exec(hash) ?? [undefined, ''];
  return id === '' ? { view: 'streams' } : { view: 'sessions', id };
}
