import type { CandidateInit, CandidateLike, DataChannelLike, PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';

interface FakeEvents {
  icecandidate: (event: { candidate: CandidateLike | null }) => void;
  connectionstatechange: () => void;
  datachannel: (event: { channel: DataChannelLike }) => void;
}

type Handler = ((event: never) => void) | null | undefined;

/** One end of a channel between two {@link FakePeerConnection}. */
class FakeDataChannel implements DataChannelLike {
  readonly label: string;
  readyState = 'connecting';
  bufferedAmount = 0;
  onopen: Handler;
  onclose: Handler;
  onmessage: Handler;
  other: FakeDataChannel | undefined;
  readonly #network: FakeNetwork;
  #queue: (string | Uint8Array)[] = [];

  constructor(label: string, network: FakeNetwork) {
    this.label = label;
    this.#network = network;
  }

  send(data: string | Uint8Array): void {
    if (this.readyState !== 'open') throw new Error('The channel is not open.');
    this.#queue.push(data);
    this.bufferedAmount += data.length;
    queueMicrotask(() => this.move());
  }

  open(): void {
    this.readyState = 'open';
    call(this.onopen, {});
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    call(this.onclose, {});
    const { other } = this;
    queueMicrotask(() => other?.close());
  }

  /** The network takes what it may, and loses what it must. */
  move(): void {
    if (this.#network.isStalled || this.readyState !== 'open') return;
    for (const data of this.#queue.splice(0)) {
      this.bufferedAmount -= data.length;
      this.#network.passed.push(data);
      if (!this.#network.loses && this.other?.readyState === 'open') call(this.other.onmessage, { data });
    }
  }
}

/** A peer connection to another one of the same {@link FakeNetwork}. */
class FakePeerConnection implements PeerConnectionLike {
  connectionState = 'new';
  localDescription: { readonly type: 'offer' | 'answer'; readonly sdp: string } | null = null;
  channel: FakeDataChannel | undefined;
  peer: FakePeerConnection | undefined;
  readonly candidates: CandidateInit[] = [];
  readonly listeners: { [K in keyof FakeEvents]: FakeEvents[K][] } = { icecandidate: [], connectionstatechange: [], datachannel: [] };
  readonly #network: FakeNetwork;
  readonly #name: string;

  constructor(network: FakeNetwork, name: string) {
    this.#network = network;
    this.#name = name;
  }

  addEventListener<K extends keyof FakeEvents>(type: K, listener: FakeEvents[K]): void {
    this.listeners[type].push(listener);
  }

  createDataChannel(label: string): DataChannelLike {
    this.channel = new FakeDataChannel(label, this.#network);
    return this.channel;
  }

  createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    return Promise.resolve({ type: 'offer', sdp: this.#name });
  }

  createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    return Promise.resolve({ type: 'answer', sdp: this.#name });
  }

  setLocalDescription(description: { readonly type: string; readonly sdp?: string }): Promise<void> {
    this.localDescription = { type: description.type === 'offer' ? 'offer' : 'answer', sdp: description.sdp ?? '' };
    for (const listener of this.listeners.icecandidate) {
      listener({ candidate: { candidate: `candidate of ${this.#name}`, sdpMLineIndex: 0, sdpMid: '0' } });
      listener({ candidate: null });
    }
    return Promise.resolve();
  }

  setRemoteDescription({ type, sdp }: { readonly type: string; readonly sdp: string }): Promise<void> {
    this.peer = this.#network.connections.get(sdp);
    if (!this.peer) return Promise.reject(new Error('This description is none.'));
    if (type === 'answer') queueMicrotask(() => this.#connect());
    return Promise.resolve();
  }

  addIceCandidate(candidate: CandidateInit): Promise<void> {
    this.candidates.push(candidate);
    return Promise.resolve();
  }

  close(): void {
    this.connectionState = 'closed';
    this.channel?.close();
  }

  #connect(): void {
    const { channel, peer } = this;
    if (!channel || !peer || this.connectionState === 'closed' || peer.connectionState === 'closed') return;
    const other = new FakeDataChannel(channel.label, this.#network);
    peer.channel = other;
    other.other = channel;
    channel.other = other;
    this.connectionState = 'connected';
    peer.connectionState = 'connected';
    for (const listener of peer.listeners.datachannel) listener({ channel: other });
    other.open();
    channel.open();
  }
}

/** Where {@link FakePeerConnection}s find each other, and what happens to what they send. */
export class FakeNetwork {
  readonly connections = new Map<string, FakePeerConnection>();
  /** What left a channel, in order. */
  readonly passed: (string | Uint8Array)[] = [];
  /** Nothing leaves a channel. */
  isStalled = false;
  /** What leaves a channel does not arrive. */
  loses = false;

  readonly peerConnection = (): FakePeerConnection => {
    const name = `peer ${this.connections.size}`;
    const connection = new FakePeerConnection(this, name);
    this.connections.set(name, connection);
    return connection;
  };

  resume(): void {
    this.isStalled = false;
    for (const { channel } of this.connections.values()) channel?.move();
  }

  /** Every connection breaks. */
  cut(): void {
    for (const connection of this.connections.values()) {
      if (connection.connectionState === 'closed') continue;
      connection.connectionState = 'failed';
      if (connection.channel) connection.channel.readyState = 'closed';
      for (const listener of connection.listeners.connectionstatechange) listener();
    }
    this.loses = false;
    this.isStalled = false;
  }
}

function call(handler: Handler, event: object): void {
  // The owner of the handler knows what its events look like.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  handler?.(event as never);
}
