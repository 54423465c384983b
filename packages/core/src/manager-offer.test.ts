import { expect, it, vi } from 'vitest';
import { MediaError } from './errors.ts';
import { type HookHandler, allow, deny } from './hook-points.ts';
import type { Negotiations, OfferRequest, SessionListener } from './manager-types.ts';
import { type Negotiate, type PluginContext, type PluginDefinition, definePlugin } from './plugin.ts';
import type { WebRtcSession } from './session.ts';
import { fakeSession, sampleOfferRequest, settle, testManager } from './testing/index.ts';

const WAIT_MS = 15_000;

/** A manager with one plugin for `play` whose sessions make offers. */
async function setUp(negotiate: Negotiate = () => fakeSession(), changes: Partial<PluginDefinition> = {}) {
  const test = testManager({ timeouts: { negotiateMs: 100 }, streams: { maxStreamWaitMs: WAIT_MS } });
  let context: PluginContext | undefined;
  const plugin = definePlugin(() => ({
    name: 'offering',
    types: ['play'],
    capabilities: { access: 'play' as const, offers: true },
    setup: (ctx) => void (context = ctx),
    negotiate,
    ...changes,
  }));
  test.manager.registerPlugin(plugin());
  await test.manager.ready();
  return { ...test, negotiations: (): Negotiations => context!.negotiations, offer: (request?: Partial<OfferRequest>) => test.manager.offerSdp('play', sampleOfferRequest(request)) };
}

it('a session offers after hook, plugin and listener, and takes the answer later', async () => {
  const session = fakeSession({ createOffer: () => 'v=0 offer' });
  const negotiate = vi.fn<Negotiate>(() => session);
  const { manager, offer } = await setUp(negotiate);
  const hook = vi.fn<HookHandler<'play'>>(() => allow({ control: false }));
  const listener = vi.fn<SessionListener>();
  const opened = vi.fn();
  manager.hook('play', hook);
  manager.hook('session-opened', opened);
  manager.setListener(listener);
  const wishes = { audio: false, codecs: ['H264'] };
  const { sdp, record } = await offer({ wishes });
  expect(sdp).toBe('v=0 offer');
  expect(hook).toHaveBeenCalledOnce();
  expect(negotiate.mock.calls[0]?.[0]).toMatchObject({ offer: '', wishes, grant: { control: false } });
  expect(listener.mock.calls[0]?.[0]).toBe(session);
  expect(manager.sessions.list()).toEqual([record]);
  await manager.acceptSdp(record.id, 'v=0\r\n');
  expect(session.acceptedAnswers).toEqual(['v=0\r\n']);
  await settle();
  expect(opened).toHaveBeenCalledOnce();
});

it('a plugin reaches the same way through its context', async () => {
  const session = fakeSession();
  const { manager, negotiations } = await setUp(() => session);
  const { record } = await negotiations().offerSdp('play', sampleOfferRequest());
  await negotiations().acceptSdp(record.id, 'v=0\r\n');
  expect(session.acceptedAnswers).toHaveLength(1);
  await negotiations().closeSession(record.id, 'deleted by its client');
  expect(manager.sessions.size).toBe(0);
  expect(manager.statistics.sessions.closed.viewer.client).toBe(1);
});

it('a type that makes no offers refuses before anybody is asked', async () => {
  const negotiate = vi.fn<Negotiate>();
  const { manager, offer } = await setUp(negotiate, { capabilities: { access: 'play' } });
  const hook = vi.fn<HookHandler<'play'>>();
  manager.hook('play', hook);
  await expect(offer()).rejects.toMatchObject({ code: 'OFFER_UNSUPPORTED', status: 422 });
  expect([hook.mock.calls.length, negotiate.mock.calls.length]).toEqual([0, 0]);
});

it('a session that cannot offer after all is closed, and so is one without an offer', async () => {
  const silent = fakeSession({ createOffer: () => '' });
  const mute: WebRtcSession = Object.assign(fakeSession(), { createOffer: undefined });
  const sessions = [mute, silent];
  const { manager, offer } = await setUp(() => sessions.shift()!);
  await expect(offer()).rejects.toMatchObject({ code: 'OFFER_UNSUPPORTED', plugin: 'offering' });
  await expect(offer()).rejects.toMatchObject({ code: 'PLUGIN_FAILED', message: expect.stringContaining('gave no offer') });
  await settle();
  expect(silent.closed).toBe(true);
  expect(manager.sessions.size).toBe(0);
});

it('a refusal of a hook, an abort and a deadline end it as they end an answer', async () => {
  const { manager, clock, offer } = await setUp(() => fakeSession({ createOffer: () => new Promise(() => undefined) }));
  const slow = offer().catch((error: unknown) => error);
  await clock.advance(100 + WAIT_MS);
  expect(await slow).toMatchObject({ code: 'PLUGIN_TIMEOUT', message: expect.stringContaining('createOffer') });
  const controller = new AbortController();
  const aborted = offer({ signal: controller.signal });
  await settle();
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'REQUEST_ABORTED' });
  manager.hook('play', () => deny('Not you.', 401));
  await expect(offer()).rejects.toMatchObject({ code: 'UNAUTHORISED', message: 'Not you.' });
});

it('an answer that is refused leaves the session, and another one may come', async () => {
  const session = fakeSession();
  const accept = vi.spyOn(session, 'acceptAnswer').mockImplementationOnce(() => {
    throw new MediaError('ANSWER_MALFORMED', 'It does not fit.');
  });
  const { manager, offer } = await setUp(() => session);
  const { record } = await offer();
  await expect(manager.acceptSdp(record.id, 'garbage')).rejects.toMatchObject({ code: 'ANSWER_MALFORMED' });
  expect(accept).not.toHaveBeenCalled();
  await expect(manager.acceptSdp(record.id, 'v=0\r\n')).rejects.toMatchObject({ code: 'ANSWER_MALFORMED', plugin: 'offering' });
  await manager.acceptSdp(record.id, 'v=0\r\n');
  expect(session.closed).toBe(false);
  await expect(manager.acceptSdp('nobody', 'v=0\r\n')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
});
