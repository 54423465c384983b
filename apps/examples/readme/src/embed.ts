import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import type { Hono } from 'hono';

/** Adds WHIP, WHEP and the ZLMediaKit API under /media; the returned function ends them. */
export async function addMedia(app: Hono, rtcPort = 8000): Promise<() => Promise<void>> {
  const engine = await createRtcEngine({ port: rtcPort });
  const manager = new WebRtcPluginManager({ engine });
  for (const plugin of [push(), play()]) manager.registerPlugin(plugin);
  await manager.ready();
  app.route('/media', createApp(manager));
  return async () => {
    await manager.close();
    await engine.close();
  };
}
