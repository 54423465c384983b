import type { Token } from '../auth/token.ts';
import type { PeerConnectionConstructor } from '../peer-connection/peer-connection-like.ts';
import type { BackoffOptions } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';

/** `both` sends and receives, as an echo wants it. */
export type Direction = 'publish' | 'play' | 'both';

/** How the offer is exchanged for an answer: WHIP and WHEP, or the ZLMediaKit API `/index/api/webrtc`. */
export type Dialect = 'whip' | 'zlm';

/** A `MediaStreamTrack`: the browser's own, or that of the library whose peer connection is used. */
export interface TrackLike {
  readonly kind: string;
}

/** When an endpoint tries again. */
export interface EndpointReconnectOptions extends BackoffOptions {
  /** Attempts in a row that may fail before the endpoint does. Default: without end. */
  readonly maxAttempts?: number | undefined;
  /** A connection that lasted this long counts as a success, and pauses begin anew, milliseconds. Default 10,000. */
  readonly stableMs?: number | undefined;
  /** Whether the first connection is tried again too. Default true; false lets the endpoint fail at once when it does not come about. */
  readonly initially?: boolean | undefined;
  /** Whether to come back when the server ended the session, as it does when it restarts, when a stream ends and when an operator ends the session. Default true. */
  readonly whenEnded?: boolean | undefined;
}

/** A data channel to open: its label, and how it delivers. */
export interface DataChannelOptions extends RTCDataChannelInit {
  readonly label: string;
}

/** What an endpoint takes. Names from the classic ZLMediaKit client keep their meaning. */
export interface EndpointOptions {
  /** WHIP or WHEP endpoint, or `/index/api/webrtc?app=…&stream=…&type=…`. In a browser it may be relative to the page. */
  readonly url: string | URL;
  /** Default: `zlm` for a path that ends in `/webrtc`, else `whip`. */
  readonly dialect?: Dialect | undefined;
  /** Default: `play` with {@link recvOnly}; else what the URL says (`/whip`, `/whep`, `type=push`, `type=play`, `type=echo`), and `publish` when it says nothing. */
  readonly direction?: Direction | undefined;
  /** Plays, whatever the URL says. */
  readonly recvOnly?: boolean | undefined;
  /** Sent as `Authorization: Bearer`. A function is asked before each new session. */
  readonly token?: Token | undefined;
  /** Shows what is received; of an endpoint that only sends, what is sent. */
  readonly element?: HTMLMediaElement | undefined;

  /** What to send. Default: what is captured here. Its tracks are not stopped at the end. */
  readonly media?: MediaStream | readonly TrackLike[] | undefined;
  /** Captures the camera; false = the screen. Default true. */
  readonly useCamera?: boolean | undefined;
  /** Default true. */
  readonly audioEnable?: boolean | undefined;
  /** Default true. */
  readonly videoEnable?: boolean | undefined;
  /** Of the picture that is captured, as near as the camera gets; zero or absent = 1280 by 720. */
  readonly resolution?: { readonly w: number; readonly h: number } | undefined;
  /** `deviceId` of the camera. Default: the browser's choice. */
  readonly videoId?: string | undefined;
  /** `deviceId` of the microphone. Default: the browser's choice. */
  readonly audioId?: string | undefined;
  /** Sends the picture in three sizes, or in those encodings. Default false. */
  readonly simulcast?: boolean | readonly RTCRtpEncodingParameters[] | undefined;
  /** Codecs by preference, for example `['H264', 'opus']`; the others stay behind them. */
  readonly codecs?: readonly string[] | undefined;
  /** Of the picture that is sent, bit/s; of simulcast the largest one. Default: the browser's choice. */
  readonly maxBitrate?: number | undefined;
  /** Opens a data channel called `chat`. */
  readonly usedatachannel?: boolean | undefined;
  /** Opens that data channel. */
  readonly dataChannel?: string | DataChannelOptions | undefined;

  /** Default: those that the server names in its `Link` header, from the second connection on. */
  readonly iceServers?: readonly RTCIceServer[] | undefined;
  /** Whatever else the peer connection takes. */
  readonly rtcConfiguration?: RTCConfiguration | undefined;
  /** Sends candidates as they are found; false = the offer waits for them. Default: only to servers that are not ICE-lite, because those learn the address from our checks. */
  readonly trickle?: boolean | undefined;
  /** How to come back after a loss; false = not at all. */
  readonly reconnect?: EndpointReconnectOptions | false | undefined;
  /** Of the offer until its answer, milliseconds. Default 30,000, because a server may wait for the stream to appear. */
  readonly timeoutMs?: number | undefined;
  /** From the answer until media can flow, milliseconds. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** From an interruption until ICE is restarted, milliseconds. Default 1,000. */
  readonly iceRestartAfterMs?: number | undefined;
  /** An interruption that lasts this long is a loss, milliseconds. Default 8,000. */
  readonly interruptedTimeoutMs?: number | undefined;
  /** Between two `stats` events, milliseconds. Default 1,000. */
  readonly statsIntervalMs?: number | undefined;
  /** Starts by itself as soon as the caller's code has run. Default true. */
  readonly autoStart?: boolean | undefined;

  /** Default: the platform's. In Node: werift's, for example. */
  readonly peerConnection?: PeerConnectionConstructor | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Default: the platform's. */
  readonly clock?: Clock | undefined;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** {@link EndpointOptions} as pages of the classic client write them. */
export interface ClassicEndpointOptions extends Omit<EndpointOptions, 'url'> {
  readonly zlmsdpUrl: string;
  /** Ignored: listen to events instead. */
  readonly debug?: boolean | undefined;
}
