import { MediaError, type NotFoundAnswer, type Verdict, deny, parseStreamSource } from '@sluice/core';
import { z } from 'zod';

/** ZLMediaKit's form has `code`, the other one `allowed`; an answer must have one of them. */
const answerSchema = z
  .object({
    code: z.int().optional(),
    msg: z.string().optional(),
    close: z.boolean().optional(),
    allowed: z.boolean().optional(),
    reason: z.string().optional(),
    /** Seconds for which the same question is answered from memory. */
    ttl: z.number().min(0).optional(),
    /** Milliseconds after which the session is closed, or asked for again; 0 = never. */
    lifetime: z.number().min(0).optional(),
    newStream: z.string().min(1).optional(),
    /** Where a missing stream can be had: `{whep, token?}` or `{file}`. */
    source: z.unknown().optional(),
  })
  .refine((answer) => answer.code !== undefined || answer.allowed !== undefined, {
    error: 'expected an integer "code" or a boolean "allowed"',
  });

/** What a URL answered. */
export type HookAnswer = z.output<typeof answerSchema>;

/** ZLMediaKit's code for "not authorised". */
const NOT_AUTHORISED = -100;

/** @throws MediaError HOOK_FAILED */
export function parseAnswer(hook: string, body: string): HookAnswer {
  const parsed = answerSchema.safeParse(parseJson(hook, body));
  if (parsed.success) return parsed.data;
  throw new MediaError('HOOK_FAILED', `The ${hook} hook gave a wrong answer: ${z.prettifyError(parsed.error)}`);
}

/** Of the two forms each may refuse; only when neither does it is a yes. */
export function verdictOf(answer: HookAnswer, atLifetimeEnd: 'close' | 'ask'): Verdict {
  if (refuses(answer)) {
    return deny(answer.msg ?? answer.reason ?? 'refused', answer.code === NOT_AUTHORISED ? 401 : 403);
  }
  const lifetimeMs = answer.lifetime || undefined;
  return { allow: true, lifetimeMs, renew: lifetimeMs !== undefined && atLifetimeEnd === 'ask' ? true : undefined, stream: answer.newStream };
}

/**
 * A refusal or `close` ends the wait, a `source` is started; anything else leaves it to other hooks and the deadline.
 * @throws MediaError HOOK_FAILED
 */
export function notFoundAnswerOf(answer: HookAnswer): NotFoundAnswer | undefined {
  if (refuses(answer) || answer.close === true) return 'reject';
  if (answer.source === undefined) return undefined;
  try {
    return { source: parseStreamSource(answer.source) };
  } catch (cause) {
    throw new MediaError('HOOK_FAILED', 'The on_stream_not_found hook named a source that is none.', { cause });
  }
}

/** A stream goes only when the answer says so. */
export function noneReaderAnswerOf(answer: HookAnswer): 'keep' | 'close' {
  return !refuses(answer) && answer.close === true ? 'close' : 'keep';
}

/** Of the two forms each may refuse. */
export function refuses(answer: HookAnswer): boolean {
  return (answer.code ?? 0) !== 0 || answer.allowed === false;
}

function parseJson(hook: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MediaError('HOOK_FAILED', `The ${hook} hook answered with something that is not JSON.`, { cause });
  }
}
