import { type ReadonlySignal, signal } from '@preact/signals';

/** What the page shows, as its address says: `#sessions`, `#sessions/{id}`, `#hooks`, `#events` or `#logs`, otherwise the streams. */
export type Route = { readonly view: 'streams' | 'hooks' | 'events' | 'logs' } | { readonly view: 'sessions'; readonly id: string | undefined };

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
  const [, view] = /^#(hooks|events|logs)$/.exec(hash) ?? [];
  if (view === 'hooks' || view === 'events' || view === 'logs') return { view };
  const [, id] = /^#sessions(?:\/([\w-]+))?$/.exec(hash) ?? [undefined, ''];
  return id === '' ? { view: 'streams' } : { view: 'sessions', id };
}
