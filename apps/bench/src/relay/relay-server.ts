import { WebRtcPluginManager } from '@sluice/core';
import { createWebSockets } from '@sluice/http';
import relay from '@sluice/plugin-relay';
import { serveUpgrades } from '../servers/serve.ts';

const manager = new WebRtcPluginManager();
manager.registerPlugin(relay({ enabled: true, maxMessagesPerSecond: 1_000_000, registerTimeoutMs: 600_000 }));
await manager.ready();
const webSockets = createWebSockets(manager);
serveUpgrades((...request) => webSockets.upgrade(...request));
