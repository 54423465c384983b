/** A session description as `RTCSessionDescriptionInit` has it. */
export interface DescriptionLike {
  readonly type: string;
  readonly sdp?: string | undefined;
}

/** A candidate as `RTCIceCandidateInit` has it. */
export interface CandidateLike {
  /** Empty at the end of candidates. */
  readonly candidate?: string | undefined;
  readonly sdpMid?: string | null | undefined;
  readonly sdpMLineIndex?: number | null | undefined;
  readonly usernameFragment?: string | null | undefined;
}

/** What the clients need of an RTCPeerConnection: the browser's and werift's have it. */
export interface MediaConnection {
  readonly connectionState: string;
  readonly localDescription: DescriptionLike | null | undefined;
  createOffer(): Promise<DescriptionLike>;
  createAnswer(): Promise<DescriptionLike>;
  setLocalDescription(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): Promise<unknown>;
  setRemoteDescription(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): Promise<unknown>;
  addIceCandidate(candidate: { readonly candidate: string; readonly sdpMid: string | null; readonly sdpMLineIndex: number | null; readonly usernameFragment?: string }): Promise<unknown>;
  addEventListener(type: 'icecandidate', listener: (event: { readonly candidate?: CandidateLike | null | undefined }) => void): void;
  addEventListener(type: 'connectionstatechange', listener: () => void): void;
  close(): unknown;
}
