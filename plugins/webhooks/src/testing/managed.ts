import { type HookTargets, type ManagerOptions, type Negotiated, type WebRtcPlugin, type WebRtcPluginManager, definePlugin, hookTargets } from '@sluice/core';
import { type FakeClock, FakeTrack, fakeSession, readyManager, sampleOffer, settle } from '@sluice/core/testing';
import webhooks, { type WebhooksOptions } from '../index.ts';

/** A manager with this plugin and with the types `push` and `play`, whose sessions are live at once. */
export interface Managed extends AsyncDisposable {
  readonly manager: WebRtcPluginManager;
  readonly clock: FakeClock;
  readonly targets: HookTargets;
  publish(stream: string, query?: string): Promise<Negotiated>;
  play(stream: string): Promise<Negotiated>;
  /** Moves time on until the condition holds. */
  until(condition: () => boolean): Promise<void>;
}

/** Real time that `until` waits at most. */
const PATIENCE_MS = 10_000;
/** Steps in which `until` moves time on. */
const STEP_MS = 100;

/** Attempts wait as long as they must: the tests move the clock as they like. */
const PATIENT: WebhooksOptions = { timeoutMs: 1_000_000_000 };

export async function startManager(options: WebhooksOptions, ofManager: Pick<ManagerOptions, 'limits' | 'timeouts'> = {}): Promise<Managed> {
  const { manager, clock } = await readyManager([webhooks({ ...PATIENT, ...options }), publisher(), viewer()], ofManager);
  const negotiate = (type: string) => (stream: string, query?: string) =>
    manager.negotiateSdp(type, { offer: sampleOffer(), app: 'live', stream, query, protocol: 'whip', remote: { address: '192.0.2.7', port: 50_000 } });
  const [contribution] = manager.contributions(hookTargets);
  if (!contribution) throw new Error('there are no hook targets');
  return {
    manager,
    clock,
    targets: contribution.value,
    publish: negotiate('push'),
    play: negotiate('play'),
    async until(condition) {
      const deadline = performance.now() + PATIENCE_MS;
      while (!condition()) {
        if (performance.now() > deadline) throw new Error('the condition did not hold in time');
        await clock.advance(STEP_MS);
        await settle();
      }
    },
    async [Symbol.asyncDispose]() {
      const closing = manager.close();
      await settle();
      while (clock.pending > 0) await clock.advance(STEP_MS);
      await closing;
    },
  };
}

function publisher(): WebRtcPlugin {
  return definePlugin(() => ({
    name: 'test-push',
    types: ['push'],
    capabilities: { access: 'publish' },
    negotiate({ vhost, app, stream, sessionId, query }, ctx) {
      const session = fakeSession({ stats: { bytesReceived: 1_000, bytesSent: 20 } });
      const tracks = [new FakeTrack('video', 'video')];
      const publication = ctx.streams.publish({ vhost, app, stream }, { sessionId, query, tracks, close: (reason) => void session.close(reason) });
      session.onClosed((reason) => publication.end(reason));
      publication.live();
      return session;
    },
  }))();
}

function viewer(): WebRtcPlugin {
  return definePlugin(() => ({ name: 'test-play', types: ['play'], capabilities: { access: 'play' }, negotiate: () => fakeSession() }))();
}
