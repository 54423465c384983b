import type { Awaitable } from './hook-points.ts';

declare const contributed: unique symbol;

/** A kind of thing that plugins may offer and a host may take. */
export interface ExtensionPoint<T> {
  readonly name: string;
  readonly [contributed]?: T;
}

/** Makes an extension point. Two with one name are the same point. */
export function extensionPoint<T>(name: string): ExtensionPoint<T> {
  return { name };
}

/** An HTTP route in terms of the Fetch standard, so that any host can serve it. */
export interface HttpRoute {
  /** `GET`, `POST`, …; `ALL` for every method. */
  readonly method: string;
  /** Starts with `/`; `:name` stands for one segment. */
  readonly path: string;
  handler(request: Request, params: Readonly<Record<string, string>>): Awaitable<Response>;
}

/** Routes of plugins, served by hosts with HTTP. */
export const httpRoutes: ExtensionPoint<HttpRoute> = extensionPoint('http-routes');
