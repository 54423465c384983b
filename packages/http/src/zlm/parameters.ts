import { MediaError } from '@sluice/core';
import type { Context } from 'hono';
import { readText } from '../request/body.ts';
import { mediaType } from '../request/media-type.ts';
import { firstValues, queryParams } from '../request/negotiate.ts';

/** A request of the ZLMediaKit API. */
export interface ZlmRequest {
  /** The query first, then the fields of the body. */
  readonly params: Readonly<Record<string, string>>;
  /** The body; of a form or JSON body its field `sdp`. */
  readonly offer: string;
}

/** @throws MediaError OFFER_TOO_LARGE, OFFER_MALFORMED, ARGUMENT_INVALID */
export async function readZlmRequest(c: Context, maxBodyBytes: number): Promise<ZlmRequest> {
  const body = await readText(c.req.raw, { maxBytes: maxBodyBytes, malformed: 'OFFER_MALFORMED' });
  const fields = fieldsOf(mediaType(c), body);
  if (fields === undefined) return { params: queryParams(c), offer: body };
  const { sdp = '', ...others } = fields;
  return { params: { ...others, ...queryParams(c) }, offer: sdp };
}

/** The parameter's value. @throws MediaError ARGUMENT_MISSING */
export function requireParam(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name];
  if (value) return value;
  throw new MediaError('ARGUMENT_MISSING', `The argument ${name} is missing.`);
}

/** The fields of a form or JSON body; undefined when the body is the offer itself. */
function fieldsOf(type: string, body: string): Record<string, string> | undefined {
  // curl -d and axios label any text as a form.
  if (/^v=0\r?\n/.test(body)) return undefined;
  if (type === 'application/x-www-form-urlencoded') return firstValues(new URLSearchParams(body));
  if (type === 'application/json') return flatFields(parseJson(body));
  return undefined;
}

/** Texts, numbers and truth values; anything nested is no parameter. */
function flatFields(json: object): Record<string, string> {
  const flat = Object.entries(json).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(flat.map(([name, value]) => [name, String(value)]));
}

function parseJson(body: string): object {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new MediaError('ARGUMENT_INVALID', 'The body is labelled application/json, but is not JSON.', { cause });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new MediaError('ARGUMENT_INVALID', 'The JSON body must be an object.');
}
