import { type ErrorCode, MediaError } from '@sluice/core';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { ApiHost } from './api-host.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** Who may call a route: everybody where `streamList` is on, or administrators only. */
export type Access = 'public' | 'streamList' | 'admin';

/** What a route gives back. */
export interface Reply<B> {
  readonly body: B;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a handler is given, checked. */
export interface Input<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly host: ApiHost;
  readonly c: Context;
}

/** What {@link defineRoute} takes. Routing, checks and the OpenAPI document all come from it. */
export interface RouteDefinition<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType> {
  readonly method: Method;
  /** Below `/api/v1`, names in braces: `/sessions/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: { readonly schema: B; readonly type: string };
  /** Undefined: 204, without a body. */
  readonly response?: R;
  readonly responseDescription: string;
  /** Default `application/json`. */
  readonly responseType?: string;
  /** Headers of the answer and what they say. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** What it may fail with, beside what every route may. */
  readonly errors?: readonly ErrorCode[];
  handle(input: Input<z.output<P>, z.output<Q>, z.output<B>>): Promise<Reply<z.input<R>>> | Reply<z.input<R>>;
}

/** A route whose types are forgotten, as the table of all holds it. */
export interface ApiRoute extends Omit<RouteDefinition<z.ZodType, z.ZodObject, z.ZodType, z.ZodType>, 'handle'> {
  /** @throws MediaError ARGUMENT_INVALID, and what the handler throws */
  answer(c: Context, host: ApiHost): Promise<Response>;
}

/** Keeps the types of a route's parts in step with its handler. */
export function defineRoute<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType>(definition: RouteDefinition<P, Q, B, R>): ApiRoute {
  return {
    ...definition,
    async answer(c, host) {
      const input = await readInput(definition, c, host);
      const { body, headers = {} } = await definition.handle({ ...input, c, host });
      return definition.response === undefined ? c.body(null, 204, headers) : c.json(body, 200, headers);
    },
  };
}

async function readInput<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType>(
  { params, query, body }: RouteDefinition<P, Q, B, R>,
  c: Context,
  host: ApiHost,
): Promise<{ params: z.output<P>; query: z.output<Q>; body: z.output<B> }> {
  const given = Object.fromEntries([...new URL(c.req.url).searchParams].toReversed());
  const parsed = {
    params: params && checked(params, c.req.param(), 'path'),
    query: query && checked(query, given, 'query'),
    body: body && checked(body.schema, await host.readJson(c), 'body'),
  };
  // What a route does not ask for, its handler does not read.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return parsed as { params: z.output<P>; query: z.output<Q>; body: z.output<B> };
}

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = issue?.path.join('.') ?? '';
  const subject = name === '' ? `The ${where}` : `The parameter ${name} of the ${where}`;
  throw new MediaError('ARGUMENT_INVALID', `${subject} is not valid: ${issue?.message ?? 'it has another form'}.`, { cause: result.error });
}

/** Link header of a page (RFC 8288), relative so that it holds behind any proxy. */
export function nextLink(c: Context, next: string | undefined): Readonly<Record<string, string>> {
  if (next === undefined) return {};
  const search = new URLSearchParams(new URL(c.req.url).searchParams);
  search.set('cursor', next);
  return { Link: `<?${search.toString()}>; rel="next"` };
}

/** Said in the document of every list. */
export const PAGE_HEADERS = { Link: 'The next page, rel="next"; absent on the last one (RFC 8288).' } as const;
