import { z } from 'zod';

/** The longest time that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

// The error of each kind says what is expected; `explainIssue` makes a sentence of it.
export const flag = z.boolean({ error: 'true or false' });
export const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
export const port = wholeNumber('a port number', { min: 0, max: 65_535 });
export const milliseconds = wholeNumber('a number of milliseconds', { min: 0, max: MAX_TIMER_MS });
/** A time in which something must be done, milliseconds; 0 could never be met. */
export const deadline = wholeNumber('a number of milliseconds', { min: 1, max: MAX_TIMER_MS });
export const count = wholeNumber('a whole number', { min: 0, max: Number.MAX_SAFE_INTEGER });
export const positive = wholeNumber('a whole number', { min: 1, max: Number.MAX_SAFE_INTEGER });
export const ipAddress = z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' });
export const ipRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'an IP address or a range such as 10.0.0.0/8' });
export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

export function group<T extends z.ZodRawShape>(shape: T) {
  // The error of an unknown key is made where the valid keys are known.
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'a group of settings') });
}

export function list<T extends z.ZodType>(element: T, what: string) {
  return z.array(element, { error: `a list of ${what}` });
}

/** One of some words. */
export function choice<const T extends readonly [string, string, ...string[]]>(words: T) {
  return z.enum(words, { error: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` });
}

export function wholeNumber(what: string, { min, max }: { min: number; max: number }) {
  const error = max === Number.MAX_SAFE_INTEGER ? `${what} of at least ${min}` : `${what} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}
