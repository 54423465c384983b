export { type IceServer, parseIceServers } from './whip-whep/link-header.ts';
export { SignallingError, type SignallingFailure } from './whip-whep/signalling-error.ts';
export { type SignallingOptions, type SignallingSession, openSession } from './whip-whep/open-session.ts';
