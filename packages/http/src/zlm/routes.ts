import { Hono } from 'hono';
import type { Host } from '../host.ts';
import { zlmDeleteRoute } from './delete-webrtc.ts';
import { zlmManagementRoutes } from './management/routes.ts';
import { zlmWebrtcRoute } from './webrtc.ts';
import { zlmWhipRoutes } from './whip-whep.ts';

/** The ZLMediaKit HTTP API. */
export function zlmRoutes(host: Host): Hono {
  return new Hono()
    .route('/', zlmWebrtcRoute(host))
    .route('/', zlmWhipRoutes(host))
    .route('/', zlmDeleteRoute(host))
    .route('/', zlmManagementRoutes(host));
}
