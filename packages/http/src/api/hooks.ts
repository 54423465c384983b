import { type Contribution, type HookTargets, MediaError, hookTargets } from '@sluice/core';
import { z } from 'zod';
import type { ApiHost } from './api-host.ts';
import { pageOf, pageQuery } from './pagination.ts';
import { PAGE_HEADERS, defineRoute, nextLink } from './route.ts';
import { list, text } from './schemas/schema.ts';
import { deadLetter, hookTarget, purged, replayed } from './schemas/server.ts';

const common = { tag: 'Hooks', access: 'admin' } as const;

const listHooks = defineRoute({
  ...common,
  method: 'get',
  path: '/hooks',
  operationId: 'listHooks',
  summary: 'URLs that are asked or told, and how that goes',
  response: list(hookTarget),
  responseDescription: 'All of them.',
  handle: ({ host }) => ({ body: targetsOf(host).flatMap(({ plugin, value }) => value.list().map((target) => ({ plugin, ...target }))) }),
});

const listDeadLetters = defineRoute({
  ...common,
  method: 'get',
  path: '/hooks/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'Notifications that were given up, the oldest first',
  query: z.object({ ...pageQuery, hook: text.optional() }),
  response: list(deadLetter),
  responseDescription: 'One page of them.',
  responseHeaders: PAGE_HEADERS,
  handle({ query, host, c }) {
    const letters = targetsOf(host).flatMap(({ plugin, value }) => value.deadLetters().map((letter) => ({ plugin, ...letter })));
    const rows = letters.filter(({ hook }) => query.hook === undefined || hook === query.hook).toSorted((a, b) => a.failedAt - b.failedAt);
    const page = pageOf(rows, query, ({ plugin, id, failedAt }) => ({ id: `${plugin} ${id}`, order: [failedAt] }));
    return { body: page.rows, headers: nextLink(c, page.next) };
  },
});

const replayAll = defineRoute({
  ...common,
  method: 'post',
  path: '/hooks/dead-letters/replay',
  operationId: 'replayDeadLetters',
  summary: 'Send all dead letters again',
  response: replayed,
  responseDescription: 'They are queued.',
  handle: async ({ host }) => ({ body: { replayed: await sumOf(host, (targets) => targets.replay()) } }),
});

const replayOne = defineRoute({
  ...common,
  method: 'post',
  path: '/hooks/dead-letters/{id}/replay',
  operationId: 'replayDeadLetter',
  summary: 'Send one dead letter again',
  params: z.strictObject({ id: text }),
  response: replayed,
  responseDescription: 'It is queued.',
  errors: ['DEAD_LETTER_NOT_FOUND'],
  async handle({ params, host }) {
    const count = await sumOf(host, (targets) => targets.replay(params.id));
    if (count === 0) throw new MediaError('DEAD_LETTER_NOT_FOUND', 'There is no dead letter with this id.');
    return { body: { replayed: count } };
  },
});

const purgeCache = defineRoute({
  ...common,
  method: 'delete',
  path: '/hooks/cache',
  operationId: 'purgeHookCache',
  summary: 'Forget answers of hooks that are kept',
  response: purged,
  responseDescription: 'They are forgotten.',
  handle: async ({ host }) => ({ body: { purged: await sumOf(host, (targets) => targets.purgeCache()) } }),
});

export const hookRoutes = [listHooks, listDeadLetters, replayAll, replayOne, purgeCache];

function targetsOf({ manager }: ApiHost): readonly Contribution<HookTargets>[] {
  return manager.contributions(hookTargets);
}

async function sumOf(host: ApiHost, task: (targets: HookTargets) => number | Promise<number>): Promise<number> {
  const counts = await Promise.all(targetsOf(host).map(async ({ value }) => task(value)));
  return counts.reduce((sum, count) => sum + count, 0);
}
