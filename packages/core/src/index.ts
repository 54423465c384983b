export type { AccessAction, AccessRule } from './access-rule.ts';
export { type AddressGuard, ForbiddenAddressError, addressGuard } from './address-guard.ts';
export { isLoopbackAddress, isPrivateAddress } from './address-kind.ts';
export { addressRanges, includeWholeInternet, plainAddress } from './address-ranges.ts';
export { type BackoffBounds, backoffDelay } from './backoff.ts';
export { HEADER_EXTENSIONS, receiveCapabilities, sendCapabilities, sendReceiveCapabilities } from './capabilities.ts';
export { type Clock, type Undo, systemClock } from './clock.ts';
export type {
  DiagnosedCandidate,
  DiagnosedChecks,
  DiagnosedDtls,
  DiagnosedPair,
  EngineStats,
  MediaTotals,
  TransportDiagnosis,
} from './diagnosis.ts';
export { type Deadline, abortError, withDeadline } from './deadline.ts';
export { ERROR_CODES, type ErrorCode, MediaError, type MediaErrorOptions } from './errors.ts';
export { type ExtensionPoint, type HttpRoute, extensionPoint, httpRoutes } from './extension-points.ts';
export { type WebSocketAccess, type WebSocketConnection, type WebSocketEndpoint, type WebSocketLimitOptions, type WebSocketLimits, bringsToken, changeableEndpoint, givenLimits, webSocketEndpoints } from './web-socket.ts';
export { changedOptions, checkWholeNumbers } from './plugin-options.ts';
export { type DeadLetter, type HookTargetState, type HookTargets, hookTargets } from './hook-targets.ts';
export { Histogram, LATENCY_BUCKETS } from './histogram.ts';
export { type HookOutcome, type HookStats, HOOK_OUTCOMES } from './hook-statistics.ts';
export {
  type AccessRequest,
  type Awaitable,
  type Credentials,
  type Hook,
  type HookHandler,
  type HookName,
  type HookOrder,
  type HookPoints,
  type NotFoundAnswer,
  type NotFoundSource,
  type SessionIdentity,
  type SessionStateChange,
  type SessionSummary,
  type StreamStarter,
  type Verdict,
  HOOK_NAMES,
  HOOK_ORDERS,
  allow,
  deny,
} from './hook-points.ts';
export { type IceCandidate, isIcePassword, isUsernameFragment, parseCandidate } from './ice-candidate.ts';
export { type IceFragmentLimits, parseIceFragment, writeIceFragment } from './ice-fragment.ts';
export { type JsonMessage, isJsonObject, isPrintable, parseJsonMessage, withSender } from './json-message.ts';
export { type LogFunction, type Logger, silentLogger } from './logger.ts';
export { type HistogramSample, type MetricFamily, type MetricLabels, type MetricSample, type MetricSource, metrics } from './metrics.ts';
export type { NegotiationStats } from './negotiation-statistics.ts';
export { WebRtcPluginManager } from './manager.ts';
export { isPublicAddress } from './public-address.ts';
export { type PublisherProof, publisherIdentity } from './publisher-identity.ts';
export { DEFAULT_LIMITS, DEFAULT_STREAM_OPTIONS, DEFAULT_TIMEOUTS, type LiveOptions } from './manager-options.ts';
export type {
  Contribution,
  ManagerCounters,
  ManagerLimits,
  ManagerOptions,
  ManagerPhase,
  ManagerStatistics,
  ManagerTimeouts,
  Negotiated,
  NegotiationRequest,
  Negotiations,
  OfferRequest,
  OfferWishes,
  PluginInfo,
  SessionListener,
  SessionRequest,
  StreamOptions,
  TakeoverRule,
} from './manager-types.ts';
export type {
  BitrateHints,
  Codec,
  CodecCapability,
  DataMessage,
  Direction,
  HeaderExtensionCapability,
  IceCredentials,
  IceFragment,
  IceGeneration,
  KindCapabilities,
  LayerStats,
  LocalTrack,
  LocalTrackOptions,
  MediaCapabilities,
  MediaKind,
  MediaTrack,
  OutboundTrack,
  OutboundTrackStats,
  ReceivedStats,
  RemoteAddress,
  RemoteCandidate,
  RtcDataChannel,
  RtcEngine,
  RtcTransport,
  SendOptions,
  RtpPacketCopy,
  TrackStats,
  TransportOptions,
  TransportState,
  TransportStats,
} from './media.ts';
export { type CodecChoice, type PathPatterns, type PathResolver, type PathSettings, checkPathPattern, pathResolver } from './path-settings.ts';
export {
  PLUGIN_API,
  type Negotiate,
  type NotifyHookName,
  type PluginCapabilities,
  type PluginContext,
  type PluginDefinition,
  type PluginFactory,
  type PluginRequest,
  type WebRtcPlugin,
  definePlugin,
} from './plugin.ts';
export { type SdpLine, type SdpLineRules, quoteSdp, splitSdpLines } from './sdp-lines.ts';
export { type CloseCause, type SessionStats, CLOSE_CAUSES } from './session-statistics.ts';
export type { EndedSession, SessionGrant, SessionRecord, Sessions, WebRtcSession } from './session.ts';
export { DEFAULT_VHOST, type StreamKey, streamKeyText } from './stream-key.ts';
export { type StreamPattern, streamPattern } from './stream-pattern.ts';
export {
  type FileSource,
  type StreamOrigin,
  type StreamOriginState,
  type StreamProxies,
  type StreamProxy,
  type StreamProxyRequest,
  type StreamSource,
  type StreamSourceStarter,
  type WhepSource,
  parseStreamSource,
  streamProxies,
  streamSourceStarters,
} from './stream-source.ts';
export { type TransportSessionOptions, createTransportSession } from './transport-session.ts';
export type { Publication, PublicationSource, Reader, Stream, StreamRegistry, StreamState } from './stream.ts';
export { randomToken, safeEqual } from './tokens.ts';
export { type MediaRow, type MediaRowTrack, type OriginSock, mediaRow, sessionSock } from './zlm/media-row.ts';
export { type Span, type SpanAttributes, type SpanOptions, type TraceContext, type Tracer, noTracer, traceContextOf, traced } from './tracing.ts';
