import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import push from '@sluice/plugin-push';
import webhooks from '@sluice/plugin-webhooks';
import { createRtcEngine } from '@sluice/rtc';
import { serveForBench } from '../servers/serve.ts';
import { ADMIN_TOKEN } from './admin-token.ts';

// The address that media is offered on, and the URLs that are asked about every publisher.
const [, , address = '127.0.0.1', ...onPublish] = process.argv;
const engine = await createRtcEngine({ port: 0, addresses: [address] });
const manager = new WebRtcPluginManager({ engine, limits: { maxSessions: 20_000, maxSessionsPerAddress: 20_000 } });
manager.registerPlugin(webhooks({ onPublish }));
manager.registerPlugin(push());
await manager.ready();
serveForBench(createApp(manager, { adminToken: ADMIN_TOKEN }));
