import { STATUS_CODES } from 'node:http';
import { type ErrorCode, MediaError } from '@sluice/core';
import { z } from 'zod';
import { publicError } from '../../errors/answers.ts';
import type { ApiRoute } from '../route.ts';
import { eventData } from '../schemas/event.ts';
import { problem } from '../schemas/problem.ts';
import { namedSchemas } from '../schemas/schema.ts';

type Json = { readonly [key: string]: unknown };

/** An operation of {@link OpenApiDocument}. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly description?: string | undefined; readonly schema: Json }[];
  readonly requestBody?: Json | undefined;
  readonly responses: { readonly [status: string]: { readonly description: string; readonly headers?: Json | undefined; readonly content?: { readonly [type: string]: { readonly schema: Json } } | undefined } };
}

/** As much of OpenAPI 3.1 as this API needs. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly Json[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: Json }; readonly securitySchemes: Json };
}

/** Every route may fail with these: what was sent is not valid, or who sends may not. */
const COMMON_ERRORS: readonly ErrorCode[] = ['ARGUMENT_INVALID', 'INTERNAL'];

const DESCRIPTION =
  'Looks at a Sluice server and changes what it does. Administrators bring the admin token (http.adminToken, or the one that the server has made) as a bearer token. Errors are problem documents (RFC 9457). Lists come in pages: the Link header (RFC 8288) leads to the next one.';

/** The OpenAPI 3.1 document of these routes, made from the schemas that check them. */
export function openApiDocument(routes: readonly ApiRoute[]): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice management API', version: '1', description: DESCRIPTION },
    // Relative to the document, so that it holds behind any proxy.
    servers: [{ url: '.' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: componentSchemas(), securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
  };
}

function operationOf(route: ApiRoute): Operation {
  const { operationId, summary, description, tag, access, params, query, body } = route;
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    // The empty one where no token is needed.
    security: access === 'admin' ? [{ adminToken: [] }] : [{ adminToken: [] }, {}],
    parameters: [...parametersOf('path', params), ...parametersOf('query', query)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: { [body.type]: { schema: schemaOf(body.schema) } } } }),
    responses: { ...successOf(route), ...failuresOf(errorsOf(route, access)) },
  };
}

function errorsOf({ errors = [], body }: ApiRoute, access: ApiRoute['access']): readonly ErrorCode[] {
  const ofBody: readonly ErrorCode[] = body === undefined ? [] : ['OFFER_TOO_LARGE'];
  const ofAccess: readonly ErrorCode[] = access === 'admin' ? ['UNAUTHORISED'] : ['STREAM_NOT_FOUND'];
  return [...COMMON_ERRORS, ...ofBody, ...ofAccess, ...errors];
}

function successOf({ response, responseDescription, responseType = 'application/json', responseHeaders = {} }: ApiRoute): Operation['responses'] {
  if (response === undefined) return { 204: { description: responseDescription } };
  const headers = Object.fromEntries(Object.entries(responseHeaders).map(([name, description]) => [name, { description, schema: { type: 'string' } }]));
  return { 200: { description: responseDescription, headers, content: { [responseType]: { schema: schemaOf(response) } } } };
}

/** By status, with the codes that it may carry. */
function failuresOf(codes: readonly ErrorCode[]): Operation['responses'] {
  const byStatus = Map.groupBy(new Set(codes), (code) => publicError(new MediaError(code, '')).status);
  const schema = schemaOf(problem);
  return Object.fromEntries(
    Array.from(byStatus, ([status, grouped]) => {
      const description = `${STATUS_CODES[status] ?? 'Error'} (${grouped.join(', ')})`;
      return [String(status), { description, content: { 'application/problem+json': { schema } } }];
    }),
  );
}

function parametersOf(where: 'path' | 'query', schema: z.ZodType | undefined): Operation['parameters'] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'object' ? property : {};
    return { name, in: where, required: where === 'path' || required.includes(name), description, schema: rest };
  });
}

/** A named schema is referred to; of any other the parts that have names are. */
function schemaOf(schema: z.ZodType): Json {
  const known = namedSchemas.get(schema);
  if (known) return { $ref: referenceTo(known.id) };
  const { $schema: _dialect, $defs: _defs, ...rest } = z.toJSONSchema(schema, { metadata: namedSchemas, override: dropReadOnly, io: 'output' });
  return withReferences(rest);
}

function componentSchemas(): Record<string, Json> {
  // Named at their first use; these have no route of their own.
  void eventData;
  const { schemas } = z.toJSONSchema(namedSchemas, { uri: referenceTo, override: dropReadOnly });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
}

/** That nobody changes it here says nothing to clients. */
function dropReadOnly({ jsonSchema }: { readonly jsonSchema: { readOnly?: boolean | undefined } }): void {
  delete jsonSchema.readOnly;
}

/** Named schemas within an unnamed one are given beside it; the document has them in one place. */
function withReferences(schema: object): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

function referenceTo(id: string): string {
  return `#/components/schemas/${id}`;
}
