import type { Negotiated, Signalling } from './signalling.ts';

/** `interrupted` may come back; `closed` is final. */
export type EndpointState = 'negotiating' | 'connecting' | 'connected' | 'interrupted' | 'closed';

/** Why an endpoint closed by itself. */
export type CloseCause = 'ended-by-server' | 'no-media-path' | 'connection-lost';

/** What {@link Endpoint} takes. */
export interface EndpointOptions {
  readonly signalling: Signalling;
  /** What is sent; nothing when absent. */
  readonly send?: MediaStream | undefined;
  /** Whether media is received. */
  readonly receive: boolean;
  /** Label of a data channel to open. */
  readonly channel?: string | undefined;
  readonly onState: (state: EndpointState, cause: CloseCause | undefined) => void;
  readonly onRemote: (stream: MediaStream) => void;
  readonly onChannelOpen?: (() => void) | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** How long a POST may wait: the server itself waits up to 15 s for a missing stream. */
const NEGOTIATION_TIMEOUT_MS = 30_000;

/** One peer connection with the server: offer, answer, statistics, close. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly #remote = new MediaStream();
  readonly #aborter = new AbortController();
  #channel: RTCDataChannel | undefined;
  #negotiated: Negotiated | undefined;
  #state: EndpointState = 'negotiating';
  #wasConnected = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#peer.addEventListener('connectionstatechange', () => this.#onConnectionState());
    this.#peer.addEventListener('track', ({ track }) => {
      this.#remote.addTrack(track);
      options.onRemote(this.#remote);
    });
  }

  /** Negotiates; resolves when the answer is set. Rejects with what {@link Signalling} throws. */
  async open(): Promise<void> {
    this.#addMedia();
    this.#addChannel();
    await this.#peer.setLocalDescription();
    // The server is ICE-lite and learns our address from our checks, so nothing is gathered or trickled first.
    const offer = this.#peer.localDescription?.sdp ?? '';
    const signal = AbortSignal.any([this.#aborter.signal, AbortSignal.timeout(NEGOTIATION_TIMEOUT_MS)]);
    const negotiated = await this.#options.signalling(offer, signal);
    if (this.#state === 'closed') return negotiated.end();
    this.#negotiated = negotiated;
    this.#enter('connecting');
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: negotiated.answer });
    this.#watchDtls();
  }

  /** @returns false when the channel is not open */
  sendMessage(message: string): boolean {
    if (this.#channel?.readyState !== 'open') return false;
    this.#channel.send(message);
    return true;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Ends the session here and on the server. Idempotent. */
  async close(cause?: CloseCause): Promise<void> {
    if (this.#state === 'closed') return;
    this.#aborter.abort();
    this.#enter('closed', cause);
    // The DELETE goes first: the end of DTLS would end the session too, and the DELETE would find none.
    if (cause !== 'ended-by-server') await this.#negotiated?.end();
    this.#peer.close();
  }

  #addMedia(): void {
    const { send, receive } = this.#options;
    if (!send) {
      this.#peer.addTransceiver('audio', { direction: 'recvonly' });
      this.#peer.addTransceiver('video', { direction: 'recvonly' });
      return;
    }
    for (const track of send.getTracks()) {
      this.#peer.addTransceiver(track, { direction: receive ? 'sendrecv' : 'sendonly', streams: [send] });
    }
  }

  #addChannel(): void {
    const { channel, onChannelOpen, onMessage } = this.#options;
    if (channel === undefined) return;
    this.#channel = this.#peer.createDataChannel(channel);
    this.#channel.addEventListener('open', () => onChannelOpen?.());
    this.#channel.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') onMessage?.(data);
    });
  }

  /** A close_notify ends the DTLS transport and leaves connectionState as it was. */
  #watchDtls(): void {
    const transports = this.#peer.getTransceivers().map(({ sender, receiver }) => sender.transport ?? receiver.transport);
    for (const transport of new Set(transports)) {
      transport?.addEventListener('statechange', () => {
        if (transport.state === 'closed') void this.close('ended-by-server');
      });
    }
  }

  #onConnectionState(): void {
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#wasConnected = true;
        this.#enter('connected');
        break;
      case 'disconnected':
        this.#enter('interrupted');
        break;
      case 'failed':
        void this.close(this.#causeOfFailure());
        break;
      default:
    }
  }

  /** The server ends a session with a DTLS alert; ICE is still alive then. */
  #causeOfFailure(): CloseCause {
    if (!this.#wasConnected) return 'no-media-path';
    return ['connected', 'completed'].includes(this.#peer.iceConnectionState) ? 'ended-by-server' : 'connection-lost';
  }

  #enter(state: EndpointState, cause?: CloseCause): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#options.onState(state, cause);
  }
}
