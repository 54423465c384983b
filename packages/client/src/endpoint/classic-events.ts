import type { Emitter } from '../events/emitter.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { EndpointEvents } from './events.ts';

/** The events that pages of the classic ZLMediaKit client listen to, spelt as they are. */
export const Events = {
  WEBRTC_NOT_SUPPORT: 'WEBRTC_NOT_SUPPORT',
  WEBRTC_ICE_CANDIDATE_ERROR: 'WEBRTC_ICE_CANDIDATE_ERROR',
  WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED: 'WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED',
  WEBRTC_ON_REMOTE_STREAMS: 'WEBRTC_ON_REMOTE_STREAMS',
  WEBRTC_ON_LOCAL_STREAM: 'WEBRTC_ON_LOCAL_STREAM',
  WEBRTC_ON_CONNECTION_STATE_CHANGE: 'WEBRTC_ON_CONNECTION_STATE_CHANGE',
  WEBRTC_ON_DATA_CHANNEL_OPEN: 'WEBRTC_ON_DATA_CHANNEL_OPEN',
  WEBRTC_ON_DATA_CHANNEL_CLOSE: 'WEBRTC_ON_DATA_CHANNEL_CLOSE',
  WEBRTC_ON_DATA_CHANNEL_ERR: 'WEBRTC_ON_DATA_CHANNEL_ERR',
  WEBRTC_ON_DATA_CHANNEL_MSG: 'WEBRTC_ON_DATA_CHANNEL_MSG',
  CAPTURE_STREAM_FAILED: 'CAPTURE_STREAM_FAILED',
} as const;

/** What each of the classic {@link Events} carries. */
export interface ClassicEvents {
  readonly WEBRTC_NOT_SUPPORT: EndpointError;
  readonly WEBRTC_ICE_CANDIDATE_ERROR: Event;
  readonly WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED: ClassicRefusal;
  /** Its `streams` can be shown. */
  readonly WEBRTC_ON_REMOTE_STREAMS: RTCTrackEvent;
  readonly WEBRTC_ON_LOCAL_STREAM: MediaStream;
  readonly WEBRTC_ON_CONNECTION_STATE_CHANGE: RTCPeerConnectionState;
  readonly WEBRTC_ON_DATA_CHANNEL_OPEN: Event;
  readonly WEBRTC_ON_DATA_CHANNEL_CLOSE: Event;
  readonly WEBRTC_ON_DATA_CHANNEL_ERR: Event;
  readonly WEBRTC_ON_DATA_CHANNEL_MSG: MessageEvent;
  /** The browser's own error, where it gave one. */
  readonly CAPTURE_STREAM_FAILED: unknown;
}

/** As `/index/api/webrtc` refuses. Over WHIP and WHEP `code` is the HTTP status; -1 where no answer came. */
export interface ClassicRefusal {
  readonly code: number;
  readonly msg: string;
}

/** Tells everything once more under its classic name. */
export function tellClassicEvents(events: Emitter<EndpointEvents>): void {
  events.on('candidateError', (event) => events.emit(Events.WEBRTC_ICE_CANDIDATE_ERROR, event));
  events.on('track', (event) => events.emit(Events.WEBRTC_ON_REMOTE_STREAMS, event));
  events.on('localStream', (stream) => events.emit(Events.WEBRTC_ON_LOCAL_STREAM, stream));
  events.on('peerState', (state) => events.emit(Events.WEBRTC_ON_CONNECTION_STATE_CHANGE, state));
  events.on('channelOpen', (event) => events.emit(Events.WEBRTC_ON_DATA_CHANNEL_OPEN, event));
  events.on('channelClose', (event) => events.emit(Events.WEBRTC_ON_DATA_CHANNEL_CLOSE, event));
  events.on('channelError', (event) => events.emit(Events.WEBRTC_ON_DATA_CHANNEL_ERR, event));
  events.on('channelMessage', (event) => events.emit(Events.WEBRTC_ON_DATA_CHANNEL_MSG, event));
  events.on('error', (error) => {
    if (error.failure === 'unsupported') events.emit(Events.WEBRTC_NOT_SUPPORT, error);
    else if (error.failure === 'capture') events.emit(Events.CAPTURE_STREAM_FAILED, error.cause ?? error);
    else if (error.failure === 'signalling') events.emit(Events.WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED, refusalOf(error));
  });
}

function refusalOf({ cause, message }: EndpointError): ClassicRefusal {
  if (!(cause instanceof SignallingError)) return { code: -1, msg: message };
  return { code: cause.code ?? cause.status ?? -1, msg: cause.words ?? cause.message };
}
