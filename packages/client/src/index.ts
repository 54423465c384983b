export { type Token } from './auth/token.ts';
export { type CaptureOptions, captureMedia } from './endpoint/capture.ts';
export { type ClassicEvents, type ClassicRefusal, Events } from './endpoint/classic-events.ts';
export type { ChannelData } from './endpoint/data-channel.ts';
export { type Device, type Devices, listDevices, watchDevices } from './endpoint/devices.ts';
export { EndpointError, type EndpointFailure } from './endpoint/endpoint-error.ts';
export { Endpoint } from './endpoint/endpoint.ts';
export type { EndpointEvents, EndpointState, EndpointStateChange, EndpointStep } from './endpoint/events.ts';
export type {
  ClassicEndpointOptions,
  DataChannelOptions,
  Dialect,
  Direction,
  EndpointOptions,
  EndpointReconnectOptions,
  TrackLike,
} from './endpoint/options.ts';
export { RESOLUTIONS, type Resolution, type ResolutionSearch, supportedResolutions } from './endpoint/resolutions.ts';
export type { EndpointStats, MediaStats } from './endpoint/stats.ts';
export { Emitter, type Listener } from './events/emitter.ts';
export { type InputCaptureOptions, type InputTarget, captureInput } from './peer/capture-input.ts';
export { type PeerEnvelope, type PeerErrorBody, type PeerId } from './peer/envelope.ts';
export { type InputEvent, type KeyInput, type MouseInput, type ReceivedInput, decodeInputMessage } from './peer/input-event.ts';
export { type OfflineQueueOptions } from './peer/offline-queue.ts';
export { PeerClient, type StatsType } from './peer/peer-client.ts';
export { PeerError } from './peer/peer-error.ts';
export { type PeerMedia, type PeerPlayOptions, type PeerPublishOptions, type PeerStreamNames } from './peer/peer-media.ts';
export { type PeerClientOptions, type PeerEvents, type PeerMetrics, type PeerState } from './peer/peer-options.ts';
export { type Welcome } from './peer/server-message.ts';
export { RelayClient, type RelayClientOptions, type RelayEvents, type RelayMetrics, type RelayState } from './relay/relay-client.ts';
export { RelayError } from './relay/relay-error.ts';
export { type ReceivedRelayMessage, type RelayMessage } from './relay/relay-message.ts';
export { type BackoffOptions } from './time/backoff.ts';
export { type Clock } from './time/clock.ts';
export { type ReconnectOptions, ReconnectingSocket, type ReconnectingSocketOptions, type SocketClose, type SocketEvents, type SocketState } from './web-socket/reconnecting-socket.ts';
export { type JsonObject } from './web-socket/json-object.ts';
export { type WebSocketConstructor, type WebSocketLike } from './web-socket/web-socket-like.ts';
export { type ConsoleCaptureOptions, type ConsoleLike, captureConsole } from './logs/adapters/console.ts';
export { type LogSink } from './logs/adapters/log-sink.ts';
export { type PinoDestination, type PinoOptions, pinoDestination } from './logs/adapters/pino.ts';
export { type WinstonOptions, winstonLog } from './logs/adapters/winston.ts';
export { type LogInput } from './logs/encode-log-entry.ts';
export { LogConsumer, type LogConsumerEvents, type LogConsumerOptions, type LogProducerInfo, type ReceivedLogEntries } from './logs/log-consumer.ts';
export { LOG_LEVELS, type LogEntry, type LogLevel, type LogSpan, decodeLogEntry, isAtLeast } from './logs/log-entry.ts';
export { type LogHistoryEntry } from './logs/log-history.ts';
export { LogProducer, type LogProducerEvents, type LogProducerOptions, type LogProducerStats } from './logs/log-producer.ts';
export { type LogReceiverCounts } from './logs/log-receiver.ts';
export { type LogFeatureUse } from './logs/log-sender.ts';
export { LogSignallingError } from './logs/log-signalling-error.ts';
export { type LogSignallingOptions, type LogSignallingState } from './logs/log-signalling.ts';
export {
  type CandidateInit,
  type CandidateLike,
  type DataChannelLike,
  type PeerConnectionConstructor,
  type PeerConnectionFactory,
  type PeerConnectionLike,
  type PeerIceServer,
  type SessionDescription,
} from './peer-connection/peer-connection-like.ts';
export { type IceServer, parseIceServers } from './whip-whep/link-header.ts';
export { SignallingError, type SignallingErrorDetails, type SignallingFailure } from './whip-whep/signalling-error.ts';
export { type SessionCloseOptions, type SignallingOptions, type SignallingSession, openSession } from './whip-whep/open-session.ts';
export { openZlmSession } from './zlm/open-zlm-session.ts';
