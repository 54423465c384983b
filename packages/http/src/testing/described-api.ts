import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { apiRoutes } from '../api/routes.ts';
import { openApiDocument } from '../api/openapi/document.ts';
import { ADMIN_TOKEN, type Fixture } from './fixture.ts';

const BASE = 'http://localhost:8080/api/v1';

const document = openApiDocument(apiRoutes);
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'api', ...document });

/** What a call gave, after it was compared with the document. */
export interface DescribedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly operationId: string;
}

/** Calls a route as an administrator, and fails when the answer is not one that the OpenAPI document describes. */
export async function callDescribed({ app }: Pick<Fixture, 'app'>, method: string, path: string, init: RequestInit = {}): Promise<DescribedAnswer> {
  const headers = new Headers(init.headers);
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${ADMIN_TOKEN}`);
  const response = await app.request(`${BASE}${path}`, { method, ...init, headers });
  const template = templateOf(path.replace(/\?.*$/, ''));
  const operation = document.paths[template]?.[method.toLowerCase()];
  if (!operation) throw new Error(`The document has no ${method} ${template}.`);
  const what = `${method} ${path}: ${response.status}`;
  const described = operation.responses[response.status];
  if (!described) throw new Error(`${what} is not in the document; it has ${Object.keys(operation.responses).join(', ')}. ${await response.text()}`);
  const type = response.headers.get('content-type')?.replace(/;.*$/, '');
  const text = await response.text();
  expect(type === undefined ? [] : [type], what).toEqual(Object.keys(described.content ?? {}));
  if (type === undefined) return { status: response.status, headers: response.headers, body: undefined, operationId: operation.operationId };
  const body: unknown = JSON.parse(text);
  const validate = validatorOf(template, method.toLowerCase(), response.status, type);
  expect(validate(body) ? [] : validate.errors, what).toEqual([]);
  return { status: response.status, headers: response.headers, body, operationId: operation.operationId };
}

/** The path of the document that fits; one without a parameter counts first. */
function templateOf(path: string): string {
  const fits = (template: string): boolean => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const templates = Object.keys(document.paths).filter(fits);
  const found = templates.find((template) => !template.includes('{')) ?? templates[0];
  if (found === undefined) throw new Error(`The document has no path ${path}.`);
  return found;
}

function validatorOf(...[path, method, status, type]: [string, string, number, string]): ValidateFunction {
  const parts = ['paths', path, method, 'responses', String(status), 'content', type, 'schema'];
  const pointer = parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const validate = ajv.getSchema(`api#/${pointer}`);
  if (validate) return validate;
  throw new Error(`There is no schema at ${pointer}.`);
}

/** Operations of the document. */
export const operationIds: readonly string[] = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
