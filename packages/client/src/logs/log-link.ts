// Channels of every implementation have these handlers, and not every one has addEventListener.
/* oxlint-disable unicorn/prefer-add-event-listener */
import { type JsonObject, isJsonObject } from '../web-socket/json-object.ts';
import type { CandidateInit, DataChannelLike, PeerConnectionFactory, PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import type { Clock } from '../time/clock.ts';

/** Candidates of the other side that are kept until its description is there. */
const MAX_EARLY_CANDIDATES = 64;

/** What {@link LogLink} takes. */
export interface LogLinkOptions {
  readonly peerConnection: PeerConnectionFactory;
  readonly clock: Clock;
  /** From the beginning until the channel is open, milliseconds. */
  readonly connectTimeoutMs: number;
  /** A connection that is interrupted for so long is dead, milliseconds. */
  readonly disconnectedMs: number;
  /** Sends a message to the other side. */
  readonly signal: (message: JsonObject) => void;
  readonly opened: (channel: DataChannelLike) => void;
  readonly received: (data: unknown) => void;
  /** Runs once. */
  readonly closed: () => void;
}

/** A peer connection with the channel `logs`, from its offer to its end. */
export class LogLink {
  /** Both sides name the connection by it, where the server relays more than it must. */
  readonly id: string | undefined;
  readonly #options: LogLinkOptions;
  readonly #connection: PeerConnectionLike;
  #channel: DataChannelLike | undefined;
  #early: CandidateInit[] | undefined = [];
  #isClosed = false;
  #cancelTimer: () => void;

  private constructor(id: string | undefined, options: LogLinkOptions) {
    this.id = id;
    this.#options = options;
    this.#connection = options.peerConnection();
    this.#connection.addEventListener('icecandidate', ({ candidate }) => this.#signalCandidate(candidate));
    this.#connection.addEventListener('connectionstatechange', () => this.#follow());
    this.#cancelTimer = options.clock.setTimeout(() => this.close(), options.connectTimeoutMs);
  }

  /** The producer's side. */
  static offering(id: string, options: LogLinkOptions & { readonly offer: JsonObject }): LogLink {
    const link = new LogLink(id, options);
    void link.#attempt(async (connection) => {
      link.#use(connection.createDataChannel('logs', { ordered: true }));
      await connection.setLocalDescription(await connection.createOffer());
      link.#signal({ type: 'webrtc_offer', sdp: connection.localDescription?.sdp, connection: id, ...options.offer });
    });
    return link;
  }

  /** The consumer's side. */
  static answering({ sdp, id }: { readonly sdp: string; readonly id: string | undefined }, options: LogLinkOptions & { readonly answer: () => Promise<JsonObject> }): LogLink {
    const link = new LogLink(id, options);
    link.#connection.addEventListener('datachannel', ({ channel }) => link.#use(channel));
    void link.#attempt(async (connection) => {
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await link.#addEarly();
      await connection.setLocalDescription(await connection.createAnswer());
      link.#signal({ type: 'webrtc_answer', sdp: connection.localDescription?.sdp, ...(id !== undefined && { connection: id }), ...(await options.answer()) });
    });
    return link;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#channel?.readyState === 'open';
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get bufferedBytes(): number {
    return this.#channel?.bufferedAmount ?? 0;
  }

  /** Whether a message is about this connection. One that does not say so is. */
  isAbout(message: JsonObject): boolean {
    return message['connection'] === undefined || this.id === undefined || message['connection'] === this.id;
  }

  accept(sdp: string): void {
    void this.#attempt(async (connection) => {
      await connection.setRemoteDescription({ type: 'answer', sdp });
      await this.#addEarly();
    });
  }

  /** A candidate that is of no use changes nothing. */
  addCandidate(message: JsonObject): void {
    const candidate = candidateOf(message);
    if (!candidate || this.#isClosed) return;
    if (!this.#early) return void this.#connection.addIceCandidate(candidate).catch(() => undefined);
    if (this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate);
  }

  /** @returns false when the channel does not take it */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (!this.isOpen) return false;
    try {
      this.#channel?.send(data);
      return true;
    } catch {
      this.close();
      return false;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    this.#options.closed();
    // Those of Node close with a promise, which may be refused by what is half made.
    void this.#attempt(async (connection) => void (await connection.close()));
  }

  #use(channel: DataChannelLike): void {
    if (this.#isClosed || this.#channel || channel.label !== 'logs') return;
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onopen = (): void => this.#open(channel);
    channel.onclose = (): void => this.close();
    channel.onmessage = ({ data }: { readonly data: unknown }): void => {
      if (!this.#isClosed) this.#options.received(data);
    };
    if (channel.readyState === 'open') this.#open(channel);
  }

  #open(channel: DataChannelLike): void {
    if (this.#isClosed) return;
    channel.onopen = null;
    this.#cancelTimer();
    this.#options.opened(channel);
  }

  #follow(): void {
    if (this.#isClosed) return;
    const { connectionState } = this.#connection;
    if (connectionState === 'failed' || connectionState === 'closed') return this.close();
    if (this.#channel?.readyState !== 'open') return;
    this.#cancelTimer();
    if (connectionState === 'disconnected') this.#cancelTimer = this.#options.clock.setTimeout(() => this.close(), this.#options.disconnectedMs);
  }

  async #attempt(task: (connection: PeerConnectionLike) => Promise<void>): Promise<void> {
    try {
      await task(this.#connection);
    } catch {
      // A description that does not fit, or a connection that was closed meanwhile.
      this.close();
    }
  }

  async #addEarly(): Promise<void> {
    const candidates = this.#early ?? [];
    this.#early = undefined;
    await Promise.all(candidates.map((candidate) => this.#connection.addIceCandidate(candidate).catch(() => undefined)));
  }

  #signalCandidate(candidate: unknown): void {
    const init = isJsonObject(candidate) ? candidateOf(candidate) : undefined;
    if (init) this.#signal({ type: 'ice_candidate', ...init, ...(this.id !== undefined && { connection: this.id }) });
  }

  #signal(message: JsonObject): void {
    if (!this.#isClosed) this.#options.signal(message);
  }
}

/** Undefined for the end of candidates, and for what is none. */
function candidateOf({ candidate, sdpMLineIndex, sdpMid }: JsonObject): CandidateInit | undefined {
  if (typeof candidate !== 'string' || candidate === '') return undefined;
  return {
    candidate,
    sdpMLineIndex: typeof sdpMLineIndex === 'number' ? sdpMLineIndex : 0,
    ...(typeof sdpMid === 'string' && { sdpMid }),
  };
}
