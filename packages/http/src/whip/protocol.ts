/** The two directions of one protocol family. */
export interface WhipProtocol {
  readonly protocol: 'whip' | 'whep';
  /** Negotiation type of its sessions. */
  readonly type: string;
}

/** RFC 9725. */
export const WHIP: WhipProtocol = { protocol: 'whip', type: 'push' };
/** draft-ietf-wish-whep. */
export const WHEP: WhipProtocol = { protocol: 'whep', type: 'play' };

export const SDP_TYPE = 'application/sdp';
/** RFC 8840 section 9. */
export const ICE_FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag';
