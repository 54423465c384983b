import type { ClassicEvents } from './classic-events.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { EndpointStats } from './stats.ts';

/**
 * `new` = not started, `connecting` = for the first time, `connected` = media can flow, `reconnecting` = it was, or an attempt failed, and it goes on
 * trying; `closed` = by the caller, `failed` = given up. The last two are final.
 */
export type EndpointState = 'new' | 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'failed';

/** What an attempt waits for: the camera, the server's answer, the way for media. */
export type EndpointStep = 'capturing' | 'negotiating' | 'transport';

/** From one state to the next. */
export interface EndpointStateChange {
  readonly state: EndpointState;
  readonly previous: EndpointState;
  /** Why; undefined where nothing went wrong, and while an interruption may pass by itself. */
  readonly error?: EndpointError | undefined;
  /** Of `reconnecting`: until the next attempt, milliseconds. */
  readonly retryInMs?: number | undefined;
}

/** What an Endpoint tells, under its own names and under the classic ones. */
export interface EndpointEvents extends ClassicEvents {
  readonly state: EndpointStateChange;
  readonly step: EndpointStep;
  /** Every failure, of attempts that are followed by another one too. */
  readonly error: EndpointError;
  /** What is sent, once it was captured or given. */
  readonly localStream: MediaStream;
  /** What is received, a new one for each connection. Tracks may be added to it. */
  readonly remoteStream: MediaStream;
  /** Each track that is received. */
  readonly track: RTCTrackEvent;
  /** A captured track ended by itself: the camera was unplugged, or the user stopped sharing the screen. */
  readonly sourceEnded: MediaStreamTrack;
  /** The browser does not start the element before somebody has clicked on the page; muted it would. */
  readonly playBlocked: HTMLMediaElement;
  readonly peerState: RTCPeerConnectionState;
  readonly candidateError: Event;
  readonly channelOpen: Event;
  readonly channelMessage: MessageEvent;
  readonly channelError: Event;
  readonly channelClose: Event;
  /** A data channel that the server opened. */
  readonly remoteChannel: RTCDataChannel;
  readonly stats: EndpointStats;
}
