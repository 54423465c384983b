import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import { serveForBench } from './serve.ts';

const engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
const manager = new WebRtcPluginManager({ engine });
manager.registerPlugin(push());
manager.registerPlugin(play());
await manager.ready();
serveForBench({ app: createApp(manager), packetsSent });

function packetsSent(): number {
  const viewers = manager.sessions.list().filter(({ role }) => role === 'viewer');
  return viewers.reduce((sum, { session }) => sum + (session.stats?.().packetsSent ?? 0), 0);
}
