/**
 * What `PeerClient`, `LogProducer` and `LogConsumer` need of an RTCPeerConnection (W3C WebRTC 1.0): the browser's has it,
 * and so have those for Node, such as werift's. `Endpoint` takes a {@link PeerConnectionConstructor}.
 */
export interface PeerConnectionLike {
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null | undefined;
  createDataChannel(label: string, options: { readonly ordered: boolean }): DataChannelLike;
  createOffer(): Promise<SessionDescription>;
  createAnswer(): Promise<SessionDescription>;
  setLocalDescription(description: SessionDescription): Promise<unknown>;
  setRemoteDescription(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): Promise<unknown>;
  addIceCandidate(candidate: CandidateInit): Promise<unknown>;
  addEventListener(type: 'icecandidate', listener: (event: { readonly candidate?: CandidateLike | null | undefined }) => void): void;
  addEventListener(type: 'connectionstatechange', listener: () => void): void;
  addEventListener(type: 'datachannel', listener: (event: { readonly channel: DataChannelLike }) => void): void;
  close(): unknown;
}

/** What log clients need of an RTCDataChannel. Handlers are `unknown`, because each library types the events of its own classes. */
export interface DataChannelLike {
  readonly label: string;
  readonly readyState: string;
  readonly bufferedAmount: number;
  binaryType?: string;
  onopen?: unknown;
  onclose?: unknown;
  onmessage?: unknown;
  send(data: string | Uint8Array): unknown;
  close(): unknown;
}

/** An offer or an answer, as `RTCSessionDescriptionInit` has it. */
export interface SessionDescription {
  readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback';
  readonly sdp?: string;
}

/** An ICE candidate that a connection has found. */
export interface CandidateLike {
  /** Empty at the end of candidates. */
  readonly candidate?: string | undefined;
  readonly sdpMid?: string | null | undefined;
  readonly sdpMLineIndex?: number | null | undefined;
  readonly usernameFragment?: string | null | undefined;
}

/** An ICE candidate that a connection is given, as `RTCIceCandidateInit` has it. */
export interface CandidateInit {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string;
}

/** A server that helps peers to find a way to each other (`stun:`, `turn:`). */
export interface PeerIceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Makes a new peer connection. */
export type PeerConnectionFactory = () => PeerConnectionLike;

/** A class like `RTCPeerConnection`: the browser's own, or werift's. `Endpoint` makes its connections by it, with settings of its own. */
export type PeerConnectionConstructor = new (configuration?: never) => object;

/**
 * The platform's RTCPeerConnection.
 * @throws TypeError where there is none, as in Node
 */
export function platformPeerConnections(iceServers: readonly PeerIceServer[]): PeerConnectionFactory {
  const { RTCPeerConnection: Constructor }: { readonly RTCPeerConnection?: new (configuration: { iceServers: PeerIceServer[] }) => PeerConnectionLike } = globalThis;
  if (!Constructor) throw new TypeError('This platform has no RTCPeerConnection; pass one as the option peerConnection, for example () => new RTCPeerConnection() of werift.');
  return () => new Constructor({ iceServers: [...iceServers] });
}
