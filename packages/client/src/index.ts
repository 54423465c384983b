export { Emitter, type Listener } from './events/emitter.ts';
export { type BackoffOptions } from './time/backoff.ts';
export { type Clock } from './time/clock.ts';
export { type ReconnectOptions, ReconnectingSocket, type ReconnectingSocketOptions, type SocketClose, type SocketEvents, type SocketState } from './web-socket/reconnecting-socket.ts';
export { type WebSocketConstructor, type WebSocketLike } from './web-socket/web-socket-like.ts';
export { type IceServer, parseIceServers } from './whip-whep/link-header.ts';
export { SignallingError, type SignallingFailure } from './whip-whep/signalling-error.ts';
export { type SignallingOptions, type SignallingSession, openSession } from './whip-whep/open-session.ts';
