import { MediaError, type NotFoundAnswer, type Verdict, deny } from '@sluice/core';
import { z } from 'zod';

/** ZLMediaKit's form has `code`, the other one `allowed`; an answer must have one of them. */
const answerSchema = z
  .object({
    code: z.int().optional(),
    msg: z.string().optional(),
    close: z.boolean().optional(),
    allowed: z.boolean().optional(),
    reason: z.string().optional(),
    /** Seconds the answer may be cached; nothing is cached yet. */
    ttl: z.number().min(0).optional(),
    /** Milliseconds after which the session is closed; 0 = never. */
    lifetime: z.number().min(0).optional(),
    newStream: z.string().min(1).optional(),
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
export function verdictOf(answer: HookAnswer): Verdict {
  if (refuses(answer)) {
    return deny(answer.msg ?? answer.reason ?? 'refused', answer.code === NOT_AUTHORISED ? 401 : 403);
  }
  return { allow: true, lifetimeMs: answer.lifetime || undefined, stream: answer.newStream };
}

/** A refusal or `close` ends the wait; anything else leaves it to other hooks and the deadline. */
export function notFoundAnswerOf(answer: HookAnswer): NotFoundAnswer | undefined {
  return refuses(answer) || answer.close === true ? 'reject' : undefined;
}

/** A stream goes only when the answer says so. */
export function noneReaderAnswerOf(answer: HookAnswer): 'keep' | 'close' {
  return !refuses(answer) && answer.close === true ? 'close' : 'keep';
}

function refuses(answer: HookAnswer): boolean {
  return (answer.code ?? 0) !== 0 || answer.allowed === false;
}

function parseJson(hook: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MediaError('HOOK_FAILED', `The ${hook} hook answered with something that is not JSON.`, { cause });
  }
}
