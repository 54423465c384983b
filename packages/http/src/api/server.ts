import { MediaError, type SessionRecord } from '@sluice/core';
import { defineRoute } from './route.ts';
import { drainState, media, stats } from './schemas/server.ts';

const getMedia = defineRoute({
  method: 'get',
  path: '/media',
  operationId: 'getMedia',
  summary: 'Where media is offered, and what came to that port',
  tag: 'Server',
  access: 'admin',
  response: media,
  responseDescription: 'The media plane.',
  errors: ['ENGINE_UNAVAILABLE'],
  handle({ host: { engine } }) {
    if (!engine) throw new MediaError('ENGINE_UNAVAILABLE', 'The program that this server runs in does not show its media plane.');
    return { body: { port: engine.port, localCandidates: engine.localCandidates, stats: engine.stats() } };
  },
});

const getStats = defineRoute({
  method: 'get',
  path: '/stats',
  operationId: 'getStats',
  summary: 'What the server does at this moment',
  tag: 'Server',
  access: 'admin',
  response: stats,
  responseDescription: 'Figures of process, sessions, streams and media plane.',
  handle({ host }) {
    const { manager, engine, events, version } = host;
    const uptimeMs = Math.round(process.uptime() * 1000);
    const streams = manager.streams.list();
    return {
      body: {
        version,
        startedAt: Date.now() - uptimeMs,
        uptimeMs,
        process: processFigures(),
        sessions: sessionFigures(manager.sessions.list()),
        streams: { live: streams.length, readers: streams.reduce((sum, { readerCount }) => sum + readerCount, 0) },
        counters: { ...manager.counters },
        events: events.figures,
        engine: engine?.stats(),
      },
    };
  },
});

const drain = defineRoute({
  method: 'post',
  path: '/drain',
  operationId: 'drain',
  summary: 'Take no new sessions from now on',
  description: 'Open sessions go on, new ones are refused with 503 and `Retry-After`, and `/readyz` fails. A drain is not taken back; stop the server when no session is left.',
  tag: 'Server',
  access: 'admin',
  response: drainState,
  responseDescription: 'What is left to end.',
  handle({ host: { manager } }) {
    void manager.drain();
    return { body: { phase: manager.phase, sessions: manager.sessions.size } };
  },
});

export const serverRoutes = [getMedia, getStats, drain];

function processFigures() {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const { pid, version: node, platform } = process;
  const { active } = performance.eventLoopUtilization();
  return { pid, node, platform, rssBytes: rss, heapUsedBytes: heapUsed, cpuSeconds: (user + system) / 1e6, eventLoopActiveSeconds: active / 1000 };
}

function sessionFigures(open: readonly SessionRecord[]) {
  const count = (wanted: SessionRecord['role']): number => open.filter(({ role }) => role === wanted).length;
  return { open: open.length, publishers: count('publisher'), viewers: count('viewer'), others: count('other') };
}
