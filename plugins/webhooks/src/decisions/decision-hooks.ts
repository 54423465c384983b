import type { AccessRequest, PluginContext, Undo } from '@sluice/core';
import { noneReaderBody, playBody, publishBody, questionKey, type AccessBody } from '../bodies/access.ts';
import type { DecisionHook } from '../options/hooks.ts';
import { type HookAnswer, noneReaderAnswerOf, notFoundAnswerOf, verdictOf } from './answer.ts';
import type { DecisionTarget } from './decision-target.ts';

/** The lane bounds itself by `budgetMs`; core's deadline is only a net under it. */
const NET_MS = 500;

/** What a question has before its body. */
export type AddHead = (body: object) => object;

/** Registers one URL at its hook point, where it counts as any hook in code. */
export function registerDecision(ctx: PluginContext, option: DecisionHook, target: DecisionTarget, addHead: AddHead): Undo {
  const { atLifetimeEnd, budgetMs, forwardCredentials } = target.settings;
  const when = { order: 'url', deadlineMs: budgetMs + NET_MS } as const;
  const askAbout = (request: AccessRequest, body: AccessBody, signal: AbortSignal): Promise<HookAnswer> =>
    target.ask({ body: addHead(body), key: questionKey(body), fresh: request.renewal, trace: request.trace, signal });

  const register: { readonly [H in DecisionHook]: () => Undo } = {
    onPublish() {
      return ctx.hook('publish', {
        ...when,
        handler: async (request, signal) => verdictOf(await askAbout(request, publishBody(request, forwardCredentials), signal), atLifetimeEnd),
      });
    },
    onPlay() {
      return ctx.hook('play', {
        ...when,
        handler: async (request, signal) => verdictOf(await askAbout(request, playBody(request, forwardCredentials), signal), atLifetimeEnd),
      });
    },
    onStreamNotFound() {
      return ctx.hook('stream-not-found', {
        ...when,
        handler: async (request, signal) => notFoundAnswerOf(await askAbout(request, playBody(request, forwardCredentials), signal)),
      });
    },
    onStreamNoneReader() {
      return ctx.hook('none-reader', {
        ...when,
        handler: async (input, signal) => {
          const body = noneReaderBody(input);
          return noneReaderAnswerOf(await target.ask({ body: addHead(body), key: JSON.stringify(body), signal }));
        },
      });
    },
  };
  return register[option]();
}
