import { type HttpRoute, MediaError, createTransportSession, definePlugin, deny, httpRoutes, safeEqual } from '@sluice/core';
import { record } from './recording.ts';
import type { Report } from './report.ts';

export type { Report, TrackReport } from './report.ts';

/** Options of the plugin. */
export interface StreamKeyOptions {
  /** What `?key=` must say. */
  readonly key: string;
  /** Time between two reports, milliseconds. Default 1,000. */
  readonly reportIntervalMs?: number | undefined;
}

const NAME = '@sluice-examples/stream-key';

/**
 * Lets nobody play a stream without its key, and registers the type `record-stats`,
 * whose sessions are told what a stream carries.
 * @throws MediaError CONFIG_INVALID without a key
 */
export default definePlugin((options: StreamKeyOptions) => {
  const { key, reportIntervalMs = 1_000 } = checkedOptions(options);
  /** By session id. */
  const recordings = new Map<string, () => Report>();

  return {
    name: NAME,
    types: ['record-stats'],
    // Whoever may play a stream may see its numbers, so the hook below guards both.
    capabilities: { access: 'play', trickle: true },
    hooks: {
      play({ params }) {
        const given = params['key'];
        if (given === undefined) return deny('This stream is locked: add ?key=… to its address.');
        return safeEqual(given, key) ? undefined : deny('This key does not open the stream.');
      },
    },
    setup(ctx) {
      ctx.contribute(httpRoutes, reportRoute(recordings));
    },
    async negotiate(request, ctx) {
      const { sessionId } = request;
      const stream = await ctx.streams.waitFor(request, request.signal);
      const transport = ctx.engine.createTransport({ label: sessionId });
      try {
        recordings.set(sessionId, record(stream, transport, { sessionId, reportIntervalMs, clock: ctx.clock }));
      } catch (error) {
        await transport.close('the stream cannot be recorded');
        throw error;
      }
      transport.onState((state) => {
        if (state === 'closed') recordings.delete(sessionId);
      });
      // Reports travel over the data channel; the peer gets no media and sends none.
      return createTransportSession({ transport, capabilities: { data: true } });
    },
  };
});

/** A configuration file has no types, so the factory looks for itself. */
function checkedOptions(options: Partial<StreamKeyOptions> = {}): StreamKeyOptions {
  const { key, reportIntervalMs } = options;
  if (typeof key === 'string' && key !== '') return { key, reportIntervalMs };
  throw new MediaError('CONFIG_INVALID', `${NAME} needs the option key, a text that is not empty.`, { plugin: NAME });
}

/** `GET /record-stats/<session id>`. The id is unguessable, so whoever knows it may read. */
function reportRoute(recordings: ReadonlyMap<string, () => Report>): HttpRoute {
  return {
    method: 'GET',
    path: '/record-stats/:session',
    handler(_request, { session = '' }) {
      const report = recordings.get(session);
      if (!report) throw new MediaError('SESSION_NOT_FOUND', 'There is no such recording, or it has ended.', { plugin: NAME });
      return Response.json(report(), { headers: { 'Cache-Control': 'no-store' } });
    },
  };
}
