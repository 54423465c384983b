import { WebRtcPluginManager } from '@sluice/core';
import { createWebSockets } from '@sluice/http';
import peer from '@sluice/plugin-peer';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import { serveUpgrades, serverArguments } from '../servers/serve.ts';

const engine = await createRtcEngine({ port: 0, addresses: [serverArguments().address] });
const manager = new WebRtcPluginManager({ engine });
for (const plugin of [push(), play(), peer()]) manager.registerPlugin(plugin);
await manager.ready();
const webSockets = createWebSockets(manager);
serveUpgrades((...request) => webSockets.upgrade(...request));
