/**
 * What log clients need of an RTCPeerConnection: the browser's has it, and so have those for Node, such as werift's.
 * Handlers are `unknown`, because each of them types the events of its own classes.
 */
export interface PeerConnectionLike {
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null;
  onicecandidate: unknown;
  onconnectionstatechange: unknown;
  ondatachannel: unknown;
  createDataChannel(label: string, options: { readonly ordered: boolean }): DataChannelLike;
  createOffer(): Promise<SessionDescription>;
  createAnswer(): Promise<SessionDescription>;
  setLocalDescription(description: SessionDescription): Promise<unknown>;
  setRemoteDescription(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): Promise<unknown>;
  addIceCandidate(candidate: CandidateInit): Promise<unknown>;
  close(): unknown;
}

/** What log clients need of an RTCDataChannel. */
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

/** An offer or an answer, as WebRTC has it. */
export interface SessionDescription {
  readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback';
  readonly sdp?: string;
}

/** An ICE candidate as it is signalled. */
export interface CandidateInit {
  readonly candidate: string;
  readonly sdpMLineIndex?: number;
  readonly sdpMid?: string;
}

/** A server that helps peers to find a way to each other (`stun:`, `turn:`). */
export interface PeerIceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}

/** Makes a new peer connection. */
export type PeerConnectionFactory = () => PeerConnectionLike;

/**
 * The platform's RTCPeerConnection.
 * @throws TypeError where there is none, as in Node
 */
export function platformPeerConnections(iceServers: readonly PeerIceServer[]): PeerConnectionFactory {
  const { RTCPeerConnection: Constructor }: { readonly RTCPeerConnection?: new (configuration: { iceServers: PeerIceServer[] }) => PeerConnectionLike } = globalThis;
  if (!Constructor) throw new TypeError('This platform has no RTCPeerConnection; pass one as the option peerConnection, for example () => new RTCPeerConnection() of werift.');
  return () => new Constructor({ iceServers: [...iceServers] });
}
