import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import { serveForBench, serverArguments } from './serve.ts';

const { address, name } = serverArguments();
const engine = await createRtcEngine({ port: 0, addresses: [address], tier: name === 'portable' ? 'portable' : 'native' });
const limits = { maxSessions: 20_000, maxSessionsPerAddress: 20_000 };
const manager = new WebRtcPluginManager({ engine, limits });
manager.registerPlugin(push());
manager.registerPlugin(play());
await manager.ready();
serveForBench(createApp(manager, { streamList: true }));
