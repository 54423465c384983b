import { Hono } from 'hono';
import type { Host } from '../host.ts';
import { zlmDeleteRoute } from './delete-webrtc.ts';
import { zlmWebrtcRoute } from './webrtc.ts';
import { zlmWhipRoutes } from './whip-whep.ts';

/** The part of the ZLMediaKit HTTP API that makes and ends sessions. */
export function zlmRoutes(host: Host): Hono {
  return new Hono()
    .route('/', zlmWebrtcRoute(host))
    .route('/', zlmWhipRoutes(host))
    .route('/', zlmDeleteRoute(host));
}
