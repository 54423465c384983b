import {
  type ManagerOptions,
  type PluginContext,
  type PluginRequest,
  WebRtcPluginManager,
  type WebRtcSession,
  createTransportSession,
  receiveCapabilities,
  sendCapabilities,
} from '@sluice/core';
import { type FakeEngine, type FakeTransport, FakeClock, fakeEngine, sampleOffer } from '@sluice/core/testing';
import type { Hono } from 'hono';
import { createApp } from '../app.ts';
import type { HttpOptions } from '../options.ts';

export const OFFER = sampleOffer();
/** The username fragment of {@link OFFER}. */
export const UFRAG = 'abcd';
/** Of the apps of fixtures that are not given another one. */
export const ADMIN_TOKEN = 'a-token-of-some-length';
/** Answer of the transport made first. */
export const FIRST_ANSWER = 'v=0\r\ns=fake answer of transport-1\r\n';

/** An app over a real manager with a fake media engine. */
export interface Fixture extends AsyncDisposable {
  readonly app: Hono;
  readonly manager: WebRtcPluginManager;
  readonly engine: FakeEngine;
  /** What plugins were asked, in order. */
  readonly requests: PluginRequest[];
}

/** What {@link createFixture} takes. */
export interface FixtureOptions {
  readonly http?: HttpOptions;
  readonly manager?: ManagerOptions;
  /** Runs before the manager is ready. */
  readonly prepare?: (manager: WebRtcPluginManager) => void;
}

/** A manager with the types push, play and echo; a missing stream is refused at once. */
export async function createFixture({ http, manager: managerOptions, prepare }: FixtureOptions = {}): Promise<Fixture> {
  const engine = fakeEngine();
  const manager = new WebRtcPluginManager({ engine, clock: new FakeClock(), streams: { maxStreamWaitMs: 0 }, ...managerOptions });
  const requests: PluginRequest[] = [];

  manager.registerPlugin('echo', (request, ctx) => {
    requests.push(request);
    return createTransportSession({ transport: ctx.engine.createTransport(), capabilities: receiveCapabilities() });
  });
  manager.registerPlugin(
    'push',
    (request, ctx) => {
      requests.push(request);
      return publish(request, ctx, engine);
    },
    { access: 'publish', trickle: true },
  );
  manager.registerPlugin(
    'play',
    async (request, ctx) => {
      requests.push(request);
      await ctx.streams.waitFor(request, request.signal);
      return createTransportSession({ transport: ctx.engine.createTransport(), capabilities: sendCapabilities() });
    },
    { access: 'play', trickle: true },
  );
  prepare?.(manager);
  await manager.ready();
  return { app: createApp(manager, { adminToken: ADMIN_TOKEN, ...http }), manager, engine, requests, [Symbol.asyncDispose]: () => manager.close() };
}

/** Goes live at once, where the real plugin waits for the peer. */
function publish({ vhost, app, stream, sessionId }: PluginRequest, ctx: PluginContext, engine: FakeEngine): WebRtcSession {
  const transport: FakeTransport = engine.createTransport();
  const source = { sessionId, tracks: transport.inbound, close: (reason: string) => void transport.close(reason) };
  const publication = ctx.streams.publish({ vhost, app, stream }, source);
  publication.live();
  transport.onState((state, reason) => {
    if (state === 'closed') publication.end(reason ?? state);
  });
  return createTransportSession({ transport, capabilities: receiveCapabilities() });
}
