import type { Undo } from './clock.ts';
import type { DiagnosedCandidate, EngineStats, TransportDiagnosis } from './diagnosis.ts';

/** Audio or video. */
export type MediaKind = 'audio' | 'video';

/** Direction of an m-line as its own side says it (RFC 8866 section 6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What a peer sends or takes, without the payload type, which differs per peer. */
export interface Codec {
  /** Encoding name of rtpmap, for example `VP8`, `H264`, `opus`. Compared without case. */
  readonly name: string;
  /** RTP clock rate in Hz. */
  readonly clockRate: number;
  /** Audio channels; absent for video and for one channel. */
  readonly channels?: number | undefined;
  /** Format parameters of fmtp, keys in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A codec that we are ready for, in a list ordered by preference. */
export interface CodecCapability {
  readonly name: string;
  /** Any clock rate when absent. */
  readonly clockRate?: number | undefined;
  /** Parameters that must match by the rules of the codec, for example H264 `profile-level-id`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** A header extension (RFC 8285) that we are ready for. */
export interface HeaderExtensionCapability {
  readonly uri: string;
  /** Our direction; `sendrecv` when absent. */
  readonly direction?: Exclude<Direction, 'inactive'> | undefined;
}

/** Bitrates in kbit/s that Chromium reads from fmtp (`x-google-*-bitrate`). */
export interface BitrateHints {
  readonly startKbps?: number | undefined;
  readonly minKbps?: number | undefined;
  readonly maxKbps?: number | undefined;
}

/** What we are ready for on the m-lines of one kind. */
export interface KindCapabilities {
  readonly direction: Exclude<Direction, 'inactive'>;
  /** In order of preference; the answer keeps this order. */
  readonly codecs: readonly CodecCapability[];
  /** rtcp-fb values, for example `nack pli`. Only those that the offer has too are answered. */
  readonly rtcpFeedback: readonly string[];
  readonly headerExtensions: readonly HeaderExtensionCapability[];
  /** Whether to answer retransmission payload types (RFC 4588). */
  readonly rtx: boolean;
  readonly bitrate?: BitrateHints | undefined;
  /** How many m-lines of this kind may carry media; more of them make the offer unacceptable (422). Default 1. */
  readonly maxSections?: number | undefined;
  /** Whether to take simulcast layers (RFC 8853). Default false. */
  readonly simulcast?: boolean | undefined;
}

/** Our choice from an offer is made with this; a kind that is absent is rejected. */
export interface MediaCapabilities {
  readonly audio?: KindCapabilities | undefined;
  readonly video?: KindCapabilities | undefined;
  /** Whether a data channel section is taken. */
  readonly data?: boolean | undefined;
}

/** A remote address. IPv6 addresses have no brackets. */
export interface RemoteAddress {
  readonly address: string;
  readonly port: number;
}

/** One candidate of a trickle (RFC 8840). */
export interface RemoteCandidate {
  /** The value behind `candidate:`; empty for end-of-candidates. */
  readonly candidate: string;
  readonly mid?: string | undefined;
  readonly mLineIndex?: number | undefined;
}

/** A trickle-ice-sdpfrag (RFC 8840 section 9), parsed. */
export interface IceFragment {
  readonly usernameFragment?: string | undefined;
  readonly password?: string | undefined;
  readonly candidates: readonly RemoteCandidate[];
}

/** ICE username fragment and password of one side (RFC 8839 section 5.4). */
export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** What one side brings to an ICE restart (RFC 8445 section 9): its new credentials, and its candidates so far. */
export interface IceGeneration extends IceFragment {
  readonly usernameFragment: string;
  readonly password: string;
}

/**
 * What is known of media that comes in. Counters run since the start. Names and units are those of webrtc-stats
 * (`RTCInboundRtpStreamStats`) where that has them, so times are in seconds.
 */
export interface ReceivedStats {
  /** Retransmissions in a stream of their own (RFC 4588) not counted. */
  readonly packetsReceived: number;
  /** Payload bytes, headers not counted. */
  readonly bytesReceived: number;
  /** Packets that never came, retransmissions taken off. */
  readonly packetsLost: number;
  /** Interarrival jitter in seconds (RFC 3550 section 6.4.1). */
  readonly jitter: number;
  /** Of video, those whose last packet came. */
  readonly framesReceived: number;
  /** Pictures of the last full second; undefined before it, and for sound. */
  readonly framesPerSecond?: number | undefined;
  /** Pictures from the keyframe before the last one to the last one; not of webrtc-stats. */
  readonly keyFrameDistance?: number | undefined;
  /** The time between those two keyframes, seconds; not of webrtc-stats. */
  readonly keyFrameInterval?: number | undefined;
  /** What `keyFramesDecoded` is where frames are decoded. */
  readonly keyFramesReceived: number;
  /** NACK packets sent. */
  readonly nackCount: number;
  /** Lost packets that came after all. */
  readonly retransmittedPacketsReceived: number;
  /** Payload bit/s over the last second or so; not of webrtc-stats. */
  readonly bitrate: number;
  /** Pixels, of the last keyframe whose header says it. */
  readonly frameWidth?: number | undefined;
  readonly frameHeight?: number | undefined;
  /** `profile-level-id` (RFC 6184) that an H264 stream itself states, which need not be the one agreed on. */
  readonly profileLevelId?: string | undefined;
  /** Whether pictures are sent in another order than they are shown, which browsers do not cope with; undefined for codecs where that is not looked at. */
  readonly bFrames?: boolean | undefined;
}

/** One RTP stream of a track: a simulcast layer, or the only one. */
export interface LayerStats extends ReceivedStats {
  readonly ssrc: number;
  /** Of a simulcast layer (RFC 8852). */
  readonly rid?: string | undefined;
  /** Viewers that are sent it; not of webrtc-stats. */
  readonly viewers: number;
}

/** Counters of a source of media: all layers together, the worst jitter, and the pictures of the largest layer. */
export interface TrackStats extends ReceivedStats {
  /** Keyframe requests sent as PLI (RFC 4585). */
  readonly pliCount: number;
  /** The same as FIR (RFC 5104). */
  readonly firCount: number;
  /** Empty for a track that this process feeds. */
  readonly layers: readonly LayerStats[];
  /** Packets that were not passed on, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counters of one m-line on which we send, named as in `RTCOutboundRtpStreamStats`. */
export interface OutboundTrackStats {
  /** Retransmissions not counted. */
  readonly packetsSent: number;
  /** Payload bytes, headers and retransmissions not counted. */
  readonly bytesSent: number;
  readonly framesSent: number;
  /** What `keyFramesEncoded` is where frames are encoded. */
  readonly keyFramesSent: number;
  readonly retransmittedPacketsSent: number;
  /** NACK packets received. */
  readonly nackCount: number;
  /** PLI received. */
  readonly pliCount: number;
  /** FIR received. */
  readonly firCount: number;
  /** Payload bit/s over the last second or so; not of webrtc-stats. */
  readonly bitrate: number;
  /** Packets that the peer was not sent, by reason; also those of its NACKs that were not answered. */
  readonly dropped: Readonly<Record<string, number>>;
  /** The layer that is sent; undefined for a source without simulcast, and before the first packet. Not of webrtc-stats. */
  readonly rid?: string | undefined;
  /** The layer that is sent from its next keyframe on, when that is another one. */
  readonly nextRid?: string | undefined;
  /** Times that one layer took the place of another. */
  readonly layerSwitches: number;
}

/** What a subscriber of {@link MediaTrack.onRtp} is given: copies, valid after the call. */
export interface RtpPacketCopy {
  readonly payload: Uint8Array;
  readonly codec: Codec;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly keyframe: boolean;
}

/** Media that can be sent to peers: a publisher's m-line, or one made in this process. */
export interface MediaTrack {
  readonly id: string;
  readonly kind: MediaKind;
  /** What the track carries; undefined until the first packet says it. */
  readonly codec: Codec | undefined;
  /** What it may carry, in order of preference. */
  readonly codecs: readonly Codec[];
  readonly ended: boolean;
  /** Gives a copy of every packet, in order of arrival. Costs a copy per packet and subscriber. */
  onRtp(listener: (packet: RtpPacketCopy) => void): Undo;
  onEnded(listener: () => void): Undo;
  /** Asks for a keyframe; requests in quick succession become one. */
  requestKeyframe(): void;
  stats(): TrackStats;
}

/** A track that this process feeds. */
export interface LocalTrack extends MediaTrack {
  /**
   * Sends one packet to every peer that has the track.
   * @param timestamp in units of the codec's clock rate, wraps at 2^32
   */
  write(packet: { readonly payload: Uint8Array; readonly timestamp: number; readonly marker: boolean }): void;
  /** Called when a viewer needs a keyframe. */
  onKeyframeRequest(listener: () => void): Undo;
  end(): void;
}

/** What {@link RtcTransport.send} takes beside the track. */
export interface SendOptions {
  /** What the viewer wants at most, as {@link OutboundTrack.limitLayer} takes it. */
  readonly layer?: string | undefined;
}

/** One m-line on which we send. */
export interface OutboundTrack {
  readonly kind: MediaKind;
  readonly mid: string | undefined;
  readonly source: MediaTrack | undefined;
  /**
   * Of a source with several layers the peer is sent the highest that its path carries; this bounds it from above.
   * @param layer a rid of the source (RFC 8852), or else `h`, `m`, `l` for its highest, middle and lowest layer, or the
   * height of the picture in pixels (`360`); undefined = no bound
   * @throws MediaError LAYER_UNKNOWN
   */
  limitLayer(layer: string | undefined): void;
  stats(): OutboundTrackStats;
}

/** Text or bytes of a data channel. */
export type DataMessage = string | Uint8Array;

/** A data channel (RFC 8831), whichever side opened it. */
export interface RtcDataChannel {
  readonly label: string;
  readonly open: boolean;
  /** Bytes queued here. Messages over the configured bound are dropped and counted. */
  readonly bufferedAmount: number;
  /** @returns false when the channel is not open or its queue is full */
  send(message: DataMessage): boolean;
  onMessage(listener: (message: DataMessage) => void): Undo;
  onOpen(listener: () => void): Undo;
  onClosed(listener: () => void): Undo;
  close(): void;
}

/** `disconnected` = silent for a while, may come back; `closed` is final. */
export type TransportState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'closed';

/** Counters and addresses of one transport, named as in `RTCTransportStats` and `RTCIceCandidatePairStats` where those have them. */
export interface TransportStats {
  readonly state: TransportState;
  /** Where we send to. */
  readonly remote: RemoteAddress | undefined;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /**
   * Seconds, from receiver reports (RFC 3550 section 6.4.1), extended reports (RFC 3611 section 4.5) or the answers to
   * NACKs, smoothed; undefined before the first.
   */
  readonly currentRoundTripTime: number | undefined;
  /** Bit/s that the peer was told its path to us bears (REMB); undefined for a peer that estimates itself. */
  readonly availableIncomingBitrate?: number | undefined;
  /** Bit/s that the path to the peer is estimated to carry; undefined when nothing is sent to it. */
  readonly availableOutgoingBitrate: number | undefined;
  /** Datagrams of this session that were dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** One peer connection of the media plane. */
export interface RtcTransport {
  readonly id: string;
  readonly state: TransportState;
  /** Known once the answer is made. */
  readonly inbound: readonly MediaTrack[];
  readonly outbound: readonly OutboundTrack[];
  readonly dataChannels: readonly RtcDataChannel[];
  /** The peer's current ICE username fragment. */
  readonly remoteUsernameFragment: string | undefined;
  /**
   * Makes our answer (RFC 8829 section 5.3) and starts to listen for the peer.
   * @throws MediaError OFFER_MALFORMED, OFFER_UNACCEPTABLE, ENGINE_CLOSED
   */
  answer(offer: string, capabilities: MediaCapabilities): Promise<string>;
  /** Makes an offer with one m-line per kind of `capabilities`; follow it with {@link accept}. */
  offer(capabilities: MediaCapabilities): Promise<string>;
  /** @throws MediaError ANSWER_MALFORMED */
  accept(answer: string): Promise<void>;
  /** @throws MediaError CANDIDATE_MALFORMED. Candidates that cannot be used (mDNS, TCP) are ignored. */
  addRemoteCandidate(candidate: RemoteCandidate): void;
  /**
   * Starts a new ICE generation with the peer (RFC 8445 section 9) and gives our half of it, complete with
   * end-of-candidates. Media stays on the old path until the peer has nominated one with the new credentials;
   * keys and tracks are not touched. When it throws, nothing has changed.
   * @throws MediaError ICE_GENERATION_STALE when the peer has used the username fragment before, SESSION_CLOSED,
   * ARGUMENT_INVALID before both descriptions are known, CANDIDATE_MALFORMED
   */
  restartIce(remote: IceGeneration): IceGeneration;
  /**
   * Sends `track` on the m-line of its kind. Before the answer it also limits
   * the answer to codecs that the track carries; after it, it replaces the source.
   * @throws MediaError ARGUMENT_INVALID for a track of another engine, LAYER_UNKNOWN
   */
  send(track: MediaTrack, options?: SendOptions): void;
  /** Opens a channel towards the peer, when data was negotiated. */
  createDataChannel(label: string): RtcDataChannel;
  onState(listener: (state: TransportState, reason: string | undefined) => void): Undo;
  onTrack(listener: (track: MediaTrack) => void): Undo;
  onDataChannel(listener: (channel: RtcDataChannel) => void): Undo;
  stats(): TransportStats;
  /** Why it is connected or not; also after its end. */
  diagnosis(): TransportDiagnosis;
  /** Tells the peer (DTLS alert) and frees everything. Idempotent. */
  close(reason?: string): Promise<void>;
}

/** What {@link RtcEngine.createTransport} takes. */
export interface TransportOptions {
  /** Stands in log lines. */
  readonly label?: string | undefined;
  /** msid of the media we send (RFC 8830); one for audio and video. Random when absent. */
  readonly streamLabel?: string | undefined;
  /** Bytes of packets since the last keyframe that each video it receives keeps for viewers who come late; 0 = none. Default: the engine's. */
  readonly keyframeCacheBytes?: number | undefined;
  /**
   * `lite` waits for the peer's connectivity checks (RFC 8445 section 2.5), which reaches clients. `full` makes them itself,
   * as the controlling side, which reaches servers; such a transport makes the offer. Default `lite`.
   */
  readonly ice?: 'lite' | 'full' | undefined;
}

/** What {@link RtcEngine.createTrack} takes. */
export interface LocalTrackOptions {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** Bytes of packets since the last keyframe that are kept for viewers who come late; 0 = none. Default: the engine's. */
  readonly keyframeCacheBytes?: number | undefined;
}

/** The media plane as plugins see it; `@sluice/rtc` implements it. */
export interface RtcEngine {
  /** Port of all sessions. */
  readonly port: number;
  /** The addresses under which answers offer it, best first. */
  readonly addresses: readonly string[];
  /** What answers offer, best first. */
  readonly localCandidates: readonly DiagnosedCandidate[];
  createTransport(options?: TransportOptions): RtcTransport;
  /** A track that this process feeds, for sources that are no peer. */
  createTrack(options: LocalTrackOptions): LocalTrack;
  /** Open transports. */
  readonly transportCount: number;
  stats(): EngineStats;
  close(): Promise<void>;
}
