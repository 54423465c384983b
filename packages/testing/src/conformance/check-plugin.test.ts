import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEFAULT_VHOST,
  MediaError,
  type PluginContext,
  type RtcTransport,
  type StreamKey,
  type Undo,
  type WebRtcPlugin,
  deny,
  extensionPoint,
  httpRoutes,
} from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { CHECK_TITLES, checkPlugin } from './check-plugin.ts';
import type { ConformanceOptions } from './conformance-options.ts';
import { NAME, hookPlugin, samplePlugin, sessionOf, setupPlugin, withSession } from './testing/plugins.ts';

const KEY: StreamKey = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };
const NEVER = new Promise<never>(() => undefined);

/** What the suite says of a plugin, by rule; rules that are kept are left out. */
async function failuresOf(create: () => WebRtcPlugin, options?: ConformanceOptions): Promise<Record<string, string>> {
  const report = await checkPlugin(create, options);
  expect(report.results.map(({ title }) => title)).toEqual(CHECK_TITLES);
  const failed = report.results.filter(({ status }) => status === 'failed');
  expect(report.passed).toBe(failed.length === 0);
  return Object.fromEntries(failed.map(({ title, reason }) => [title, reason]));
}

describe('a plugin that keeps every rule passes', () => {
  test('with sessions', async () => {
    expect(await failuresOf(() => samplePlugin())).toEqual({});
  });

  test('with hooks, a route and a stream of its own', async () => {
    const plugin = () =>
      setupPlugin((ctx) => {
        ctx.hook('publish', () => deny('no'));
        ctx.contribute(httpRoutes, { method: 'GET', path: '/', handler: () => new Response() });
        const publication = ctx.streams.publish(KEY, { tracks: [], close: () => undefined });
        publication.live();
        ctx.onClose(() => publication.end('removed'));
      });
    expect(await failuresOf(plugin)).toEqual({});
  });

  test('with a timer that it stops, and work that takes time', async () => {
    const plugin = () =>
      samplePlugin({
        async setup(ctx) {
          let stop = ctx.clock.setTimeout(function tick() {
            stop = ctx.clock.setTimeout(tick, 5);
          }, 5);
          ctx.onClose(async () => {
            await sleep(2);
            stop();
          });
          await sleep(5);
        },
      });
    expect(await failuresOf(plugin)).toEqual({});
  });

  test('as an instance of a class', async () => {
    class Plugin {
      readonly name = NAME;
      readonly api = 1;
      readonly types = ['sample'];
      readonly capabilities = { access: 'none' } as const;
      readonly greeting = 'hello';
      setup(): void {
        expect(this.greeting).toBe('hello');
      }
      negotiate(...[, ctx]: Parameters<NonNullable<WebRtcPlugin['negotiate']>>) {
        expect(this.greeting).toBe('hello');
        return sessionOf(ctx.engine.createTransport());
      }
    }
    expect(await failuresOf(() => new Plugin())).toEqual({});
  });

  test('when it is given the companions and the request that it needs', async () => {
    const plugin = () =>
      samplePlugin({
        dependsOn: ['@someone/base'],
        capabilities: { access: 'play' },
        hooks: { play: ({ params }) => (params['key'] === '1' ? undefined : deny('no key')) },
      });
    const base = () => ({ ...setupPlugin(() => undefined), name: '@someone/base' });
    expect(await failuresOf(plugin, { companions: [base], request: { query: 'key=1' } })).toEqual({});
  });
});

test('rules that do not concern a plugin are skipped, with the reason', async () => {
  const { results } = await checkPlugin(() => hookPlugin({}));
  const skipped = results.filter(({ status }) => status === 'skipped');
  expect(skipped.map(({ reason }) => reason)).toEqual([...Array<string>(4).fill('it registers no negotiation types'), 'it has no hooks']);
});

test('nothing is checked of a plugin that cannot be made', async () => {
  const { results } = await checkPlugin(() => {
    throw new MediaError('CONFIG_INVALID', 'The option secret is missing.');
  });
  expect(results[0]).toMatchObject({ status: 'failed', reason: 'It could not be made (The option secret is missing.); if it needs options, give them.' });
  expect(results.slice(1).every(({ status, reason }) => status === 'skipped' && reason === 'it could not be set up')).toBe(true);
});

/** Plugins with state that outlives their manager, as variables of a module do. */
function createCareless() {
  let transport: RtcTransport | undefined;
  let firstContext: PluginContext | undefined;
  const undos: Undo[] = [];
  return {
    transport: () => samplePlugin({ negotiate: (_request, ctx) => sessionOf((transport ??= ctx.engine.createTransport())) }),
    hook: () =>
      setupPlugin((ctx) => {
        if (undos.length === 0) undos.push(ctx.hook('play', () => undefined));
      }),
    contribution: () =>
      setupPlugin((ctx) => {
        firstContext ??= ctx;
        firstContext.contribute(extensionPoint<string>('greetings'), 'hello');
      }),
    timer: () =>
      setupPlugin((ctx) => {
        undos.push(ctx.clock.setTimeout(() => undefined, 60_000));
        ctx.onClose(() => undos.splice(0).forEach((undo) => undo()));
      }),
  };
}

describe.each<[rule: string, breaches: [what: string, create: () => WebRtcPlugin, words: string][]]>([
  [
    'has a valid definition',
    [
      ['a name that npm refuses', () => samplePlugin({ name: 'My Plugin' }), "'My Plugin', which is no npm name"],
      ['types without negotiate', () => samplePlugin({ negotiate: undefined }), 'needs negotiate'],
      ['another version of the contract', () => ({ ...samplePlugin(), api: 99 }), 'version 99'],
      ['the same object each time', ((plugin) => () => plugin)(samplePlugin()), 'same object twice'],
    ],
  ],
  [
    'sets up in time, the same in every manager',
    [
      ['a setup that fails', () => setupPlugin(() => Promise.reject(new Error('no database'))), 'no database'],
      ['a setup that hangs', () => setupPlugin(() => NEVER), 'did not end within 60 ms'],
      ['hooks for the first manager only', createCareless().hook, '0 hooks'],
      ['contributions for the first manager only', createCareless().contribution, '0 contributions'],
      ['a plugin that is not there', () => samplePlugin({ dependsOn: ['@someone/absent'] }), '@someone/absent'],
    ],
  ],
  [
    'shares nothing between two managers',
    [
      ['a transport of the module', createCareless().transport, 'engine of another manager'],
      ['a timer of the module', createCareless().timer, '0 timers instead of'],
    ],
  ],
  [
    'negotiates every type',
    [
      ['a negotiate that fails', () => samplePlugin({ negotiate: () => Promise.reject(new Error('no codec')) }), 'no codec'],
      ['a negotiate that hangs', () => samplePlugin({ negotiate: () => NEVER }), "negotiation of 'sample' did not end"],
      ['no trickle despite its capabilities', () => withSession(() => ({ trickle: undefined })), 'no trickle method'],
      ['a trickle that fails', () => withSession(() => ({ trickle: () => Promise.reject(new Error('what?')) })), 'what?'],
      [
        'statistics that fail',
        () =>
          withSession(() => ({
            stats: () => {
              throw new Error('no statistics');
            },
          })),
        'no statistics',
      ],
    ],
  ],
  [
    'refuses what it cannot answer, and leaves nothing open',
    [
      [
        "an error of its own instead of the engine's",
        () =>
          withSession((transport) => ({
            createAnswer: (offer) =>
              transport.answer(offer, {}).catch(() => {
                throw new Error('cannot answer');
              }),
          })),
        'made another error',
      ],
      ['an answer all the same', () => withSession((transport) => ({ createAnswer: (offer) => transport.answer(offer, {}).catch(() => 'v=0') })), 'gave an answer although'],
      [
        'a transport left open',
        () =>
          samplePlugin({
            async negotiate({ offer }, ctx) {
              await ctx.engine.createTransport().answer(offer, {});
              return sessionOf(ctx.engine.createTransport());
            },
          }),
        '1 of its transports are open',
      ],
      [
        'offers without video',
        () =>
          samplePlugin({
            negotiate({ offer }, ctx) {
              if (!offer.includes('m=video')) throw new TypeError('no video');
              return sessionOf(ctx.engine.createTransport());
            },
          }),
        'audio only (no video)',
      ],
    ],
  ],
  [
    'gives up when the client goes away',
    [
      [
        'work that goes on',
        () =>
          samplePlugin({
            async negotiate(_request, ctx) {
              await new Promise<void>((resolve) => {
                ctx.clock.setTimeout(resolve, 60_000);
              });
              return sessionOf(ctx.engine.createTransport());
            },
          }),
        'its negotiate still runs',
      ],
      [
        'a transport that its session does not close',
        () =>
          samplePlugin({
            negotiate(_request, ctx) {
              ctx.engine.createTransport();
              return sessionOf(ctx.engine.createTransport());
            },
          }),
        '1 of its transports are open',
      ],
    ],
  ],
  [
    'ends every session once, and tells it once',
    [
      ['a session that outlives its peer', () => withSession(() => ({ onClosed: () => () => undefined })), 'its onClosed listeners 0 times'],
      [
        'a listener called twice',
        () =>
          withSession((transport) => ({
            onClosed: (listener) => transport.onState((state) => state === 'closed' && [1, 2].map(() => listener('closed'))),
          })),
        'its onClosed listeners 2 times',
      ],
      ['late listeners forgotten', () => withSession((transport) => ({ onClosed: (listener) => transport.onState((state) => state === 'closed' && listener('closed')) })), 'came later'],
      [
        'room for one listener, so that the manager does not hear of it',
        () =>
          withSession((transport) => {
            let only: ((reason: string) => void) | undefined;
            transport.onState((state) => state === 'closed' && only?.('closed'));
            return {
              onClosed(listener) {
                only = listener;
                if (transport.state === 'closed') listener('closed');
                return () => undefined;
              },
            };
          }),
        'made 0 session-closed notifications',
      ],
      [
        'a second close that fails',
        () =>
          withSession((transport) => ({
            close: (reason) => (transport.state === 'closed' ? Promise.reject(new Error('closed already')) : transport.close(reason)),
          })),
        'closed already',
      ],
      ['a close that hangs', () => withSession(() => ({ close: () => NEVER })), 'did not end within 60 ms'],
      [
        'a stream that outlives its publisher',
        () =>
          samplePlugin({
            capabilities: { access: 'publish' },
            negotiate(_request, ctx) {
              const transport = ctx.engine.createTransport();
              ctx.streams.publish(KEY, { tracks: transport.inbound, close: () => undefined }).live();
              return sessionOf(transport);
            },
          }),
        'its stream still exists',
      ],
      [
        'a timer that outlives its session',
        () =>
          withSession((_transport, ctx) => {
            ctx.clock.setTimeout(() => undefined, 60_000);
            return {};
          }),
        '1 of its timers are armed',
      ],
    ],
  ],
  [
    'ends its hooks when they are aborted',
    [
      ['a hook that goes on', () => hookPlugin({ play: () => NEVER }), 'Its play hook went on'],
      [
        'a hook that is deaf to a signal aborted before',
        () =>
          hookPlugin({
            async publish(_request, signal) {
              await sleep(0);
              await new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => reject(signal.reason));
              });
            },
          }),
        'Its publish hook went on',
      ],
      [
        'a timer that goes on',
        () =>
          setupPlugin((ctx) => {
            ctx.hook('input', () => void ctx.clock.setTimeout(() => undefined, 60_000));
          }),
        'Its input hook was aborted and left a timer',
      ],
    ],
  ],
  [
    'leaves nothing behind when the manager closes',
    [
      ['an onClose task that fails', () => setupPlugin((ctx) => ctx.onClose(() => Promise.reject(new Error('no such file')))), 'no such file'],
      ['an onClose task that hangs', () => setupPlugin((ctx) => ctx.onClose(() => NEVER)), 'did not end within 60 ms'],
      ['a timer', () => setupPlugin((ctx) => void ctx.clock.setTimeout(() => undefined, 60_000)), '1 of its timers are armed'],
      ['a transport', () => setupPlugin((ctx) => void ctx.engine.createTransport()), '1 of its transports are open'],
    ],
  ],
  [
    'leaves nothing behind when it is removed',
    [
      ['a stream', () => setupPlugin((ctx) => ctx.streams.publish(KEY, { tracks: [], close: () => undefined }).live()), 'it still published live/test'],
      ['an onClose task that fails', () => setupPlugin((ctx) => ctx.onClose(() => Promise.reject(new Error('no such file')))), 'no such file'],
      ['a timer', () => setupPlugin((ctx) => void ctx.clock.setTimeout(() => undefined, 60_000)), '1 of its timers are armed'],
    ],
  ],
])('a plugin that %s is told from one with', (rule, breaches) => {
  test.each(breaches)('%s', async (_what, create, words) => {
    const failures = await failuresOf(create, { deadlineMs: 60 });
    expect(failures).toEqual(expect.objectContaining({ [rule]: expect.stringContaining(words) }));
  });
});
