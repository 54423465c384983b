import type { Undo } from '../clock.ts';
import { MediaError } from '../errors.ts';
import type { TransportDiagnosis } from '../diagnosis.ts';
import type {
  IceGeneration,
  MediaCapabilities,
  MediaKind,
  MediaTrack,
  OutboundTrack,
  RemoteCandidate,
  RtcDataChannel,
  RtcTransport,
  SendOptions,
  TransportOptions,
  TransportState,
  TransportStats,
} from '../media.ts';
import { Emitter } from './emitter.ts';
import { FakeDataChannel } from './fake-data-channel.ts';
import { EMPTY_OUTBOUND_STATS, FakeTrack } from './fake-track.ts';

const KINDS: readonly MediaKind[] = ['audio', 'video'];

/** A transport without network whose peer is the test. */
export class FakeTransport implements RtcTransport {
  readonly id: string;
  readonly options: TransportOptions;
  state: TransportState = 'new';
  closeReason: string | undefined;
  remoteUsernameFragment: string | undefined;
  readonly inbound: FakeTrack[] = [];
  readonly dataChannels: FakeDataChannel[] = [];
  /** Candidates that the peer trickled. */
  readonly candidates: RemoteCandidate[] = [];
  /** What {@link restartIce} was called with. */
  readonly restarts: IceGeneration[] = [];
  /** When set, {@link restartIce} throws it. */
  restartError: Error | undefined;
  /** Answers given to {@link accept}. */
  readonly accepted: string[] = [];
  /** Limits set by {@link send} and the outbound tracks, in order. */
  readonly layerLimits: [kind: MediaKind, layer: string | undefined][] = [];
  /** Names of layers that are refused. */
  readonly unknownLayers = new Set<string>();
  /** What {@link answer} was called with. */
  answered: { readonly offer: string; readonly capabilities: MediaCapabilities } | undefined;
  /** When set, {@link answer} rejects with it. */
  answerError: Error | undefined;
  /** What {@link offer} was called with. */
  offered: MediaCapabilities | undefined;
  /** When set, {@link offer} rejects with it. */
  offerError: Error | undefined;
  /** When set, {@link accept} rejects with it. */
  acceptError: Error | undefined;
  readonly #sending = new Map<MediaKind, OutboundTrack>();
  readonly #stateEvent = new Emitter<[state: TransportState, reason: string | undefined]>();
  readonly #trackEvent = new Emitter<[track: MediaTrack]>();
  readonly #channelEvent = new Emitter<[channel: RtcDataChannel]>();

  constructor(id: string, options: TransportOptions) {
    this.id = id;
    this.options = options;
  }

  get outbound(): readonly OutboundTrack[] {
    return [...this.#sending.values()];
  }

  /** Makes an inbound track for each kind that the offer has and `capabilities` receive. */
  async answer(offer: string, capabilities: MediaCapabilities): Promise<string> {
    if (this.answerError) throw this.answerError;
    this.answered = { offer, capabilities };
    this.remoteUsernameFragment = /^a=ice-ufrag:(.*?)\r?$/m.exec(offer)?.[1];
    for (const kind of KINDS) {
      const direction = capabilities[kind]?.direction ?? 'sendonly';
      if (direction !== 'sendonly' && offer.includes(`m=${kind} `)) this.addTrack(kind);
    }
    return `v=0\r\ns=fake answer of ${this.id}\r\n`;
  }

  async offer(capabilities: MediaCapabilities): Promise<string> {
    if (this.offerError) throw this.offerError;
    this.offered = capabilities;
    return `v=0\r\ns=fake offer of ${this.id}\r\n`;
  }

  async accept(answer: string): Promise<void> {
    if (this.acceptError) throw this.acceptError;
    this.accepted.push(answer);
  }

  addRemoteCandidate(candidate: RemoteCandidate): void {
    this.candidates.push(candidate);
  }

  restartIce(remote: IceGeneration): IceGeneration {
    if (this.restartError) throw this.restartError;
    this.restarts.push(remote);
    this.remoteUsernameFragment = remote.usernameFragment;
    return {
      usernameFragment: `local${this.restarts.length}`,
      password: 'fakefakefakefakefakefake',
      candidates: ['1 1 udp 2130706431 192.0.2.9 8000 typ host', ''].map((candidate) => ({ candidate, mid: '0' })),
    };
  }

  send(track: MediaTrack, { layer }: SendOptions = {}): void {
    const limitLayer = (name: string | undefined): void => {
      if (name !== undefined && this.unknownLayers.has(name)) throw new MediaError('LAYER_UNKNOWN', `There is no layer ${name}.`);
      this.layerLimits.push([track.kind, name]);
    };
    if (layer !== undefined) limitLayer(layer);
    this.#sending.set(track.kind, { kind: track.kind, mid: track.kind, source: track, limitLayer, stats: () => EMPTY_OUTBOUND_STATS });
  }

  createDataChannel(label: string): FakeDataChannel {
    const channel = new FakeDataChannel(label);
    this.dataChannels.push(channel);
    if (this.state === 'connected') channel.establish();
    return channel;
  }

  onState(listener: (state: TransportState, reason: string | undefined) => void): Undo {
    return this.#stateEvent.on(listener);
  }

  onTrack(listener: (track: MediaTrack) => void): Undo {
    return this.#trackEvent.on(listener);
  }

  onDataChannel(listener: (channel: RtcDataChannel) => void): Undo {
    return this.#channelEvent.on(listener);
  }

  stats(): TransportStats {
    return fakeTransportStats({ state: this.state });
  }

  diagnosis(): TransportDiagnosis {
    return fakeDiagnosis({ state: this.state, reason: this.closeReason });
  }

  async close(reason = 'closed'): Promise<void> {
    this.setState('closed', reason);
  }

  /** Moves to a state: `connected` establishes data channels, `closed` ends everything for good. */
  setState(state: TransportState, reason?: string): void {
    if (this.state === 'closed') return;
    this.state = state;
    if (state === 'connected') for (const channel of this.dataChannels) channel.establish();
    if (state === 'closed') this.#endAll(reason ?? 'closed');
    this.#stateEvent.emit(state, reason);
  }

  /** The peer adds media. */
  addTrack(kind: MediaKind): FakeTrack {
    const track = new FakeTrack(`${this.id}-${kind}`, kind);
    this.inbound.push(track);
    this.#trackEvent.emit(track);
    return track;
  }

  /** The peer opens a data channel. */
  openDataChannel(label: string): FakeDataChannel {
    const channel = new FakeDataChannel(label);
    this.dataChannels.push(channel);
    channel.establish();
    this.#channelEvent.emit(channel);
    return channel;
  }

  #endAll(reason: string): void {
    this.closeReason = reason;
    for (const track of this.inbound) track.end();
    for (const channel of this.dataChannels) channel.close();
  }
}

/** The diagnosis of a transport that has seen nothing, with the given parts changed. */
export function fakeDiagnosis(changes: Partial<TransportDiagnosis> = {}): TransportDiagnosis {
  return {
    state: 'connected',
    reason: undefined,
    startedAt: 0,
    connectedAt: undefined,
    closedAt: undefined,
    localCandidates: [{ protocol: 'udp', address: '127.0.0.1', port: 8000, type: 'host' }],
    remoteCandidates: [],
    checks: [],
    pair: undefined,
    dtls: { state: 'waiting', role: undefined, datagramsReceived: 0, firstAt: undefined, connectedAt: undefined },
    unlisted: { remoteCandidates: 0, checks: 0 },
    ...changes,
  };
}

/** Counters of a transport that has done nothing, with the given ones changed. */
export function fakeTransportStats(changes: Partial<TransportStats> = {}): TransportStats {
  return {
    state: 'connected',
    remote: undefined,
    bytesReceived: 0,
    bytesSent: 0,
    packetsReceived: 0,
    packetsSent: 0,
    currentRoundTripTime: undefined,
    availableOutgoingBitrate: undefined,
    dropped: {},
    ...changes,
  };
}
