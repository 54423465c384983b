import type { CandidateLike, SessionDescription, PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import { PeerError } from './peer-error.ts';
import type { RemoteCandidate } from './server-message.ts';

/** Candidates that wait for their description at most; more are of no use. */
export const MAX_WAITING = 64;

/** What a {@link Negotiation} tells. */
export interface NegotiationEvents {
  /** A candidate for the server, after {@link Negotiation.release}. */
  readonly onCandidate: (candidate: CandidateLike) => void;
  readonly onFailed: () => void;
}

/** Offer, answer and candidates of one RTCPeerConnection. */
export class Negotiation<C extends PeerConnectionLike> {
  readonly connection: C;
  readonly #onCandidate: (candidate: CandidateLike) => void;
  #local: CandidateLike[] | undefined = [];
  #remote: RemoteCandidate[] | undefined = [];
  #isClosed = false;

  constructor(connection: C, { onCandidate, onFailed }: NegotiationEvents) {
    this.connection = connection;
    this.#onCandidate = onCandidate;
    connection.addEventListener('icecandidate', ({ candidate }) => this.#found(candidate ?? undefined));
    connection.addEventListener('connectionstatechange', () => {
      if (!this.#isClosed && connection.connectionState === 'failed') onFailed();
    });
  }

  /** Gives the answer to the server's offer. */
  async acceptOffer(sdp: string): Promise<string> {
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    await this.#flushRemote();
    return this.#setLocal('answer', await this.connection.createAnswer());
  }

  async makeOffer(): Promise<string> {
    return this.#setLocal('offer', await this.connection.createOffer());
  }

  async acceptAnswer(sdp: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
    await this.#flushRemote();
  }

  /** From now on the server knows what the candidates of this side belong to. */
  release(): void {
    const found = this.#local ?? [];
    this.#local = undefined;
    for (const candidate of found) this.#onCandidate(candidate);
  }

  addRemoteCandidate(candidate: RemoteCandidate): void {
    if (!this.#remote) return void this.#add(candidate);
    if (this.#remote.length < MAX_WAITING) this.#remote.push(candidate);
  }

  close(): void {
    this.#isClosed = true;
    this.connection.close();
  }

  #found(candidate: CandidateLike | undefined): void {
    if (!candidate || this.#isClosed) return;
    if (!this.#local) return this.#onCandidate(candidate);
    if (this.#local.length < MAX_WAITING) this.#local.push(candidate);
  }

  async #setLocal(type: 'offer' | 'answer', { sdp }: SessionDescription): Promise<string> {
    if (sdp === undefined) throw new PeerError('media', `The RTCPeerConnection made no ${type}.`);
    await this.connection.setLocalDescription({ type, sdp });
    return this.connection.localDescription?.sdp ?? sdp;
  }

  async #flushRemote(): Promise<void> {
    const waiting = this.#remote ?? [];
    this.#remote = undefined;
    await Promise.all(waiting.map((candidate) => this.#add(candidate)));
  }

  /** One that cannot be used (another family, a name that does not resolve) is no reason to end what works without it. */
  async #add(candidate: RemoteCandidate): Promise<void> {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch {
      // As above.
    }
  }
}
