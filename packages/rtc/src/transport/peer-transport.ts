import {
  type IceCandidate,
  type IceGeneration,
  type Logger,
  type MediaCapabilities,
  MediaError,
  type MediaTrack,
  type RemoteCandidate,
  type RtcDataChannel,
  type RtcTransport,
  type SendOptions,
  type TransportDiagnosis,
  type TransportState,
  type TransportStats,
  type Undo,
} from '@sluice/core';
import type { SctpDataChannels } from '../datachannel/index.ts';
import type { ResolvedEngineOptions } from '../engine-options.ts';
import type { FanOut } from '../forward/fan-out.ts';
import type { ProbePacer } from '../forward/probe-pacer.ts';
import type { ForwardingTrack } from '../forward/forwarding-track.ts';
import type { InboundTrack } from '../forward/inbound-track.ts';
import { parseLayerLimit } from '../forward/layer-limit.ts';
import { MediaSource } from '../forward/media-source.ts';
import type { RtpSession } from '../forward/rtp-session.ts';
import { reachableAddresses } from '../ice/reachable-addresses.ts';
import { Listeners } from '../listeners.ts';
import type { PlanOptions } from '../sdp/plan-answer.ts';
import { trickledCandidates } from '../sdp/write-description.ts';
import type { HostCandidate } from '../udp/candidates.ts';
import { bitrateHints } from './bitrate-hints.ts';
import { ConnectionDiary } from './connection-diary.ts';
import { type Agreement, DescriptionExchange } from './description-exchange.ts';
import { Liveness } from './liveness.ts';
import { createDataChannels, createRtpSession } from './peer-sessions.ts';
import { type LinkEnvironment, type LinkEvents, SecureLink } from './secure-link.ts';
import { WaitingSources } from './waiting-sources.ts';

/** What a transport is made from. */
export interface PeerTransportOptions {
  readonly id: string;
  readonly label: string | undefined;
  readonly streamLabel: string;
  /** Of each video source. */
  readonly keyframeCacheBytes: number;
  readonly ice: 'lite' | 'full';
  readonly link: LinkEnvironment;
  readonly fanOut: FanOut;
  readonly probePacer: ProbePacer;
  readonly candidates: readonly HostCandidate[];
  readonly engine: ResolvedEngineOptions;
  onClosed(): void;
}

/** One peer connection: its link, media, data channels, and their common end. */
export class PeerTransport implements RtcTransport {
  readonly id: string;
  readonly #options: PeerTransportOptions;
  readonly #logger: Logger;
  readonly #link: SecureLink;
  readonly #exchange: DescriptionExchange;
  readonly #diary: ConnectionDiary;
  readonly #liveness: Liveness;
  readonly #startedAt: number;
  readonly #waitingSources = new WaitingSources();
  readonly #stateListeners: Listeners<[TransportState, string | undefined]>;
  readonly #trackListeners: Listeners<[MediaTrack]>;
  readonly #channelListeners: Listeners<[RtcDataChannel]>;
  #state: TransportState = 'new';
  #localCandidates: readonly RemoteCandidate[] = [];
  #rtp: RtpSession | undefined;
  #sctp: SctpDataChannels | undefined;

  constructor(options: PeerTransportOptions) {
    const now = options.link.clock.monotonic();
    this.#options = options;
    this.id = options.id;
    this.#logger = options.engine.logger.child({ transport: options.id, label: options.label });
    this.#startedAt = now;
    this.#liveness = new Liveness(options.engine, now);
    this.#stateListeners = new Listeners(this.#logger);
    this.#trackListeners = new Listeners(this.#logger);
    this.#channelListeners = new Listeners(this.#logger);
    this.#link = new SecureLink(options.link, this.#linkEvents(), this.#logger, options.ice === 'full');
    this.#exchange = new DescriptionExchange({
      ice: this.#link.ice,
      fingerprint: options.link.certificate.fingerprint,
      candidates: options.candidates,
      streamLabel: options.streamLabel,
    });
    this.#diary = new ConnectionDiary({
      clock: options.link.clock,
      link: this.#link,
      candidates: options.candidates,
      port: options.link.port.port,
      maxEntries: options.engine.maxDiagnosisEntries,
    });
  }

  get state(): TransportState {
    return this.#state;
  }

  get inbound(): readonly InboundTrack[] {
    return this.#rtp?.inbound ?? [];
  }

  get outbound(): readonly ForwardingTrack[] {
    return this.#rtp?.outbound ?? [];
  }

  get dataChannels(): readonly RtcDataChannel[] {
    return this.#sctp?.channels ?? [];
  }

  get remoteUsernameFragment(): string | undefined {
    return this.#link.ice.remote?.usernameFragment;
  }

  async answer(offer: string, capabilities: MediaCapabilities): Promise<string> {
    this.#requireOpen();
    const agreement = this.#exchange.answer(offer, capabilities, this.#planOptions());
    this.#diary.addCandidates(agreement.remoteCandidates);
    this.#link.listen();
    this.#begin(agreement, []);
    return this.#exchange.describe(agreement);
  }

  async offer(capabilities: MediaCapabilities): Promise<string> {
    this.#requireOpen();
    const description = this.#exchange.offer(capabilities, this.#planOptions());
    this.#link.listen();
    return description;
  }

  async accept(answer: string): Promise<void> {
    const agreement = this.#exchange.accept(answer);
    this.#begin(agreement, agreement.remoteCandidates);
    this.#diary.addCandidates(agreement.remoteCandidates);
  }

  send(track: MediaTrack, { layer }: SendOptions = {}): void {
    if (!(track instanceof MediaSource)) {
      throw new MediaError('ARGUMENT_INVALID', 'The track was not made by this engine; send tracks of its transports or of createTrack.');
    }
    const limit = parseLayerLimit(layer, track.rids);
    const outbound = this.#rtp?.outboundOf(track.kind);
    if (outbound) outbound.attach(track, limit);
    else if (!this.#rtp) this.#waitingSources.set(track, limit);
  }

  addRemoteCandidate({ candidate }: RemoteCandidate): void {
    if (candidate === '') return;
    // An ICE-lite agent waits for the peer's checks (RFC 8445 section 2.5), so a candidate only has to be one.
    const parsed = this.#diary.addTrickled(candidate);
    for (const address of reachableAddresses([parsed])) this.#link.ice.addRemoteAddress(address);
  }

  restartIce(remote: IceGeneration): IceGeneration {
    this.#requireOpen();
    if (!this.#rtp) throw new MediaError('ARGUMENT_INVALID', 'ICE restarts after offer and answer, not before.');
    if (this.#link.ice.hasKnownRemote(remote.usernameFragment)) {
      throw new MediaError('ICE_GENERATION_STALE', 'An ICE restart needs a username fragment that the session has not used before.');
    }
    for (const candidate of remote.candidates) this.addRemoteCandidate(candidate);
    this.#link.restartIce({ usernameFragment: remote.usernameFragment, password: remote.password });
    this.#logger.debug('The peer restarts ICE');
    return { ...this.#link.ice.local, candidates: this.#localCandidates };
  }

  createDataChannel(label: string): RtcDataChannel {
    if (!this.#sctp) throw new MediaError('ARGUMENT_INVALID', 'No data channel section was negotiated with this peer.');
    return this.#sctp.open(label);
  }

  onState(listener: (state: TransportState, reason: string | undefined) => void): Undo {
    return this.#stateListeners.add(listener);
  }

  onTrack(listener: (track: MediaTrack) => void): Undo {
    return this.#trackListeners.add(listener);
  }

  onDataChannel(listener: (channel: RtcDataChannel) => void): Undo {
    return this.#channelListeners.add(listener);
  }

  stats(): TransportStats {
    return {
      state: this.#state,
      remote: this.#link.remote,
      ...this.#link.counts,
      currentRoundTripTime: secondsOf(this.#rtp?.roundTripMs),
      availableIncomingBitrate: this.#rtp?.incomingEstimate,
      availableOutgoingBitrate: this.#rtp?.congestion?.targetBitrate,
      dropped: { ...this.#link.dropped, ...this.#rtp?.dropped, ...this.#sctp?.dropped },
    };
  }

  diagnosis(): TransportDiagnosis {
    return this.#diary.read(this.#state);
  }

  close(reason = 'closed'): Promise<void> {
    this.#end(reason);
    return Promise.resolve();
  }

  /**
   * Called by the engine every few milliseconds.
   * @param deafMs how long the process was kept from receiving since the last call
   */
  tick(now: number, deafMs: number): void {
    this.#liveness.forgive(deafMs);
    this.#link.ice.tick(now);
    this.#checkLife(now);
    if (this.#state === 'connected') this.#rtp?.tick(now);
  }

  /**
   * Both descriptions are known: expects the peer.
   * @param candidates to begin with checks of
   */
  #begin({ plan, sources }: Agreement, candidates: readonly IceCandidate[]): void {
    const role = plan.setup === 'passive' ? 'server' : 'client';
    this.#localCandidates = trickledCandidates(plan, this.#options.candidates);
    const media = { ...this.#options, link: this.#link, clock: this.#options.link.clock, logger: this.#logger };
    // A browser says goodbye also when it only stops sending, as by replaceTrack(null), so the peer is asked.
    this.#rtp = createRtpSession(media, { plan, sources }, () => this.#liveness.goodbye());
    this.#sctp = createDataChannels(media, plan, role, (channel) => this.#channelListeners.emit(channel));
    this.#waitingSources.attachTo(this.#rtp);
    this.#link.start({ ice: plan.remote.ice, fingerprints: plan.remote.fingerprints, role, addresses: reachableAddresses(candidates) });
    this.#setState('connecting');
    for (const track of this.#rtp.inbound) this.#trackListeners.emit(track);
  }

  #linkEvents(): LinkEvents {
    const { receivedAt } = this.#options.link;
    return {
      onConnected: (hasSrtp) => this.#connected(hasSrtp),
      onAlive: () => this.#liveness.touch(receivedAt()),
      onRtp: (packet) => this.#rtp?.receiveRtp(packet, receivedAt()),
      onRtcp: (packet) => this.#rtp?.receiveRtcp(packet, receivedAt()),
      onData: (data) => this.#sctp?.receive(data),
      onClosed: (reason) => this.#end(reason),
    };
  }

  #connected(hasSrtp: boolean): void {
    if (this.#state === 'closed') return;
    const hasMedia = this.inbound.length > 0 || this.outbound.length > 0;
    if (hasMedia && !hasSrtp) return this.#end('the peer negotiated media, and then no SRTP profile for it');
    this.#sctp?.start();
    this.#rtp?.start();
    this.#setState('connected');
  }

  /** Every start has an end, also when the peer just vanishes. */
  #checkLife(now: number): void {
    const { connectTimeoutMs, closedAfterMs } = this.#options.engine;
    if (this.#state === 'new' || this.#state === 'connecting') {
      if (now - this.#startedAt >= connectTimeoutMs) this.#giveUp(connectTimeoutMs);
      return;
    }
    const life = this.#liveness.check(now);
    if (life === 'gone') return this.#end(this.#liveness.saidGoodbye ? 'the peer said goodbye (RTCP BYE) and left' : `the peer was silent for ${closedAfterMs} ms`);
    if (life !== 'alive') this.#link.ice.askForLife();
    this.#setState(life === 'silent' ? 'disconnected' : 'connected');
  }

  #giveUp(connectTimeoutMs: number): void {
    const why = this.#diary.whyNotConnected();
    const { remoteCandidates, checks, dtls } = this.diagnosis();
    this.#logger.warn({ why, remoteCandidates, checks, dtls }, 'A peer did not connect');
    this.#end(`the peer did not connect within ${connectTimeoutMs} ms: ${why}`);
  }

  #planOptions(): PlanOptions {
    return { ...this.#waitingSources.planOptions(), bitrate: bitrateHints(this.#options.engine) };
  }

  #requireOpen(): void {
    if (this.#state === 'closed') throw new MediaError('SESSION_CLOSED', 'The session is closed.');
  }

  #setState(state: TransportState, reason?: string): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#logger.debug({ state, reason }, 'The transport changed its state');
    this.#stateListeners.emit(state, reason);
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return;
    this.#exchange.close();
    this.#sctp?.close();
    this.#link.close();
    this.#rtp?.close();
    this.#diary.closed(reason);
    this.#options.onClosed();
    this.#setState('closed', reason);
    for (const listeners of [this.#stateListeners, this.#trackListeners, this.#channelListeners]) listeners.clear();
  }
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
