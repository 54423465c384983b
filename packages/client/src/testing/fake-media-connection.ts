import type { CandidateLike, PeerConnectionLike, SessionDescription } from '../peer-connection/peer-connection-like.ts';

interface FakeEvents {
  icecandidate: (event: { candidate?: CandidateLike | null }) => void;
  connectionstatechange: () => void;
  datachannel: () => void;
}

/** An RTCPeerConnection without media that notes what is done to it. */
export class FakeMediaConnection implements PeerConnectionLike {
  connectionState = 'new';
  localDescription: { readonly sdp: string } | null = null;
  remoteDescription: SessionDescription | null = null;
  /** What was done, in order. */
  readonly done: string[] = [];
  readonly #listeners: { [K in keyof FakeEvents]: FakeEvents[K][] } = { icecandidate: [], connectionstatechange: [], datachannel: [] };

  createDataChannel(): never {
    throw new Error('Here are no channels.');
  }

  async createOffer(): Promise<SessionDescription> {
    return { type: 'offer', sdp: 'local offer' };
  }

  async createAnswer(): Promise<SessionDescription> {
    return { type: 'answer', sdp: 'local answer' };
  }

  async setLocalDescription({ sdp = '' }: SessionDescription): Promise<void> {
    this.localDescription = { sdp };
    this.done.push(`local ${sdp}`);
  }

  async setRemoteDescription(description: SessionDescription): Promise<void> {
    if (description.sdp === 'bad') throw new Error('bad SDP');
    this.remoteDescription = description;
    this.done.push(`remote ${description.sdp}`);
  }

  async addIceCandidate({ candidate }: CandidateLike): Promise<void> {
    if (!this.remoteDescription) throw new Error('no remote description');
    this.done.push(`candidate ${candidate}`);
    if (candidate === 'bad') throw new Error('bad candidate');
  }

  addEventListener<K extends keyof FakeEvents>(type: K, listener: FakeEvents[K]): void {
    this.#listeners[type].push(listener);
  }

  close(): void {
    this.connectionState = 'closed';
    for (const listener of this.#listeners.connectionstatechange) listener();
  }

  /** A candidate is found; undefined at the end. */
  find(candidate: CandidateLike | undefined): void {
    for (const listener of this.#listeners.icecandidate) listener({ candidate: candidate ?? null });
  }

  become(state: string): void {
    this.connectionState = state;
    for (const listener of this.#listeners.connectionstatechange) listener();
  }
}
