import type { Negotiated } from '@sluice/core';
import type { Context } from 'hono';
import type { Host } from '../host.ts';
import { credentialsOf } from './credentials.ts';
import { requestIdOf } from './request-id.ts';

/** What a front door has read from its request. */
export interface Negotiation {
  /** The front door's name. */
  readonly protocol: 'zlm' | 'whip' | 'whep';
  readonly type: string;
  readonly app: string;
  readonly stream: string;
  readonly offer: string;
  /** The query string's when absent. */
  readonly params?: Readonly<Record<string, string>> | undefined;
}

/**
 * Hands a request to the manager. A client that goes away aborts it.
 * @throws MediaError any that `negotiateSdp` throws
 */
export function negotiate(c: Context, host: Host, negotiation: Negotiation): Promise<Negotiated> {
  const { type, params = queryParams(c), ...rest } = negotiation;
  const { remote, origin } = host.clientOf(c);
  return host.manager.negotiateSdp(type, {
    ...rest,
    params,
    vhost: params['vhost'] || undefined,
    query: new URL(c.req.url).search.slice(1),
    headers: c.req.header(),
    host: origin.host,
    requestId: requestIdOf(c),
    remote,
    credentials: credentialsOf(c.req.header('authorization'), params['token']),
    signal: c.req.raw.signal,
  });
}

/** The query string; of a repeated name the first value. */
export function queryParams(c: Context): Record<string, string> {
  return firstValues(new URL(c.req.url).searchParams);
}

/** Of a repeated name the first value. */
export function firstValues(pairs: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...pairs].toReversed());
}
