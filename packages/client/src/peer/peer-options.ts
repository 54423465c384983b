import type { PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import type { ReconnectingSocketOptions, SocketClose } from '../web-socket/reconnecting-socket.ts';
import type { PeerEnvelope, PeerId } from './envelope.ts';
import type { ReceivedInput } from './input-event.ts';
import type { OfflineQueueOptions } from './offline-queue.ts';
import type { PeerError } from './peer-error.ts';
import type { PeerMedia } from './peer-media.ts';
import type { Welcome } from './server-message.ts';

/** How a `PeerClient` reaches its server, and what it makes connections with. */
export interface PeerClientOptions<C extends PeerConnectionLike> extends ReconnectingSocketOptions {
  /** How the server calls this client. Default: a text of chance. */
  readonly peerId?: PeerId | undefined;
  /** What hello says about the program, such as `{ name, version }`. */
  readonly clientInfo?: JsonObject | undefined;
  /** What hello says that the program can. Default `['webrtc', 'trickle-ice', 'input']`. */
  readonly capabilities?: readonly string[] | undefined;
  /** Makes the RTCPeerConnection of each session. Default: the browser's, with `iceServers`. */
  readonly peerConnection?: (() => C) | undefined;
  /** For the browser's RTCPeerConnection. Default none: the server is reached directly. */
  readonly iceServers?: readonly RTCIceServer[] | undefined;
  /** Of welcome and stats, milliseconds. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Of offers and answers, milliseconds; the server may wait for a stream that is not there yet. Default 30,000. */
  readonly offerTimeoutMs?: number | undefined;
  /** Where messages wait while there is no connection. */
  readonly queue?: OfflineQueueOptions | undefined;
  /** Bytes of one message. Default 65,536. */
  readonly maxMessageBytes?: number | undefined;
}

/** `connecting` = no welcome yet, `ready` = the server has taken this peer, `waiting` = the connection is lost, and will be made again, `closed` = for good. */
export type PeerState = 'connecting' | 'ready' | 'waiting' | 'closed';

/** What a `PeerClient` tells. */
export interface PeerEvents<C> {
  /** The server has taken this peer; `again` after the connection was lost. */
  readonly ready: { readonly welcome: Welcome; readonly again: boolean };
  /** Media got a connection, before its description: the moment for `ontrack`. After a loss they get another one. */
  readonly connection: { readonly media: PeerMedia<C>; readonly connection: C };
  /** For publishers: what a viewer does who controls the stream. */
  readonly input: ReceivedInput;
  /** What nobody waits for: errors of the server about messages, media that could not be made anew, malformed messages. */
  readonly error: PeerError;
  /** Every message of the server that is well formed. */
  readonly message: PeerEnvelope;
  /** The connection to the server is lost, or closed. */
  readonly close: SocketClose;
}

/** What a `PeerClient` has counted. */
export interface PeerMetrics {
  readonly sent: number;
  readonly received: number;
  /** Messages of the server that were none. */
  readonly malformed: number;
  /** Errors that the server told. */
  readonly errors: number;
  /** Messages that wait for the connection. */
  readonly queued: number;
  /** Messages that were never sent: too many or too old ones in the queue, moves of the mouse while there was no connection. */
  readonly dropped: number;
  readonly reconnects: number;
  /** Reconnects after which the sessions went on. */
  readonly resumed: number;
  readonly pings: number;
  readonly pongs: number;
  /** From ping to pong, milliseconds; undefined before the first pong. */
  readonly rttMs: { readonly last: number; readonly least: number; readonly smoothed: number } | undefined;
}
