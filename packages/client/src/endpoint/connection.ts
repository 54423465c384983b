import { askToken } from '../auth/token.ts';
import { Emitter } from '../events/emitter.ts';
import { type SignallingSession, openSession } from '../whip-whep/open-session.ts';
import { openZlmSession } from '../zlm/open-zlm-session.ts';
import { EndpointError, messageOf } from './endpoint-error.ts';
import { candidatesOf, fragmentOf, isIceLite, restartedAnswer } from './ice-fragment.ts';
import { Interruption } from './interruption.ts';
import { addMediaLines } from './media-lines.ts';
import { waitAtMost } from './pause.ts';
import type { Settings } from './settings.ts';
import { Trickle } from './trickle.ts';

/** What {@link Connection} tells. */
export interface ConnectionEvents {
  readonly answered: undefined;
  readonly interrupted: undefined;
  readonly recovered: undefined;
  readonly track: RTCTrackEvent;
  readonly peerState: RTCPeerConnectionState;
  readonly candidateError: Event;
  /** Opened here. */
  readonly channel: RTCDataChannel;
  /** Opened by the server. */
  readonly remoteChannel: RTCDataChannel;
}

/** What a connection needs beside the settings. */
export interface ConnectionOptions {
  readonly settings: Settings;
  readonly PeerConnection: NonNullable<Settings['PeerConnection']>;
  readonly media: MediaStream | readonly MediaStreamTrack[] | undefined;
  readonly iceServers: readonly RTCIceServer[] | undefined;
}

/** How long a DELETE may hold up the end, and candidates an offer that waits for them, milliseconds. */
const DELETE_TIMEOUT_MS = 2_000;
const GATHERING_TIMEOUT_MS = 2_000;

/** One peer connection and its session at the server. It ends once and is not used again. */
export class Connection {
  readonly events = new Emitter<ConnectionEvents>();
  readonly peer: RTCPeerConnection;
  readonly #options: ConnectionOptions;
  readonly #aborter = new AbortController();
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<EndpointError>();
  readonly #interruption: Interruption;
  #trickle: Trickle;
  #session: SignallingSession | undefined;
  #restarting: Promise<boolean> | undefined;
  #wasConnected = false;
  #isOver = false;

  constructor(options: ConnectionOptions) {
    const { settings, PeerConnection, iceServers } = options;
    this.#options = options;
    this.peer = new PeerConnection({ bundlePolicy: 'max-bundle', ...(iceServers && { iceServers: [...iceServers] }), ...settings.options.rtcConfiguration });
    this.#trickle = this.#newTrickle();
    this.#interruption = new Interruption({
      clock: settings.clock,
      restartAfterMs: settings.iceRestartAfterMs,
      giveUpAfterMs: settings.interruptedTimeoutMs,
      restart: () => this.restartIce(),
      giveUp: () => this.#end(new EndpointError('connection-lost', 'The connection was lost.')),
    });
    // Only its end tells the ones who do not wait for it.
    this.#connected.promise.catch(() => undefined);
    this.#listen();
  }

  /** Resolves with the reason when the connection is over. */
  get ended(): Promise<EndpointError> {
    return this.#ended.promise;
  }

  /** Of the server's `Link` header. */
  get iceServers(): readonly RTCIceServer[] {
    return this.#session?.iceServers ?? [];
  }

  /**
   * Resolves when media can flow.
   * @throws EndpointError
   */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      // What an end breaks off fails in ways of its own.
      throw this.#isOver ? await this.ended : error;
    }
  }

  async #open(): Promise<void> {
    const { settings, media } = this.#options;
    const { peer } = this;
    addMediaLines(peer, settings.direction, media, settings.options);
    if (settings.dataChannel) this.events.emit('channel', peer.createDataChannel(settings.dataChannel.label, settings.dataChannel));
    await peer.setLocalDescription(await peer.createOffer());
    if (settings.options.trickle === false) await this.#gathered();
    const session = await this.#negotiate();
    this.#session = session;
    // Over when the answer was on its way already.
    if (this.#isOver) {
      void this.#deleteSession();
      throw await this.ended;
    }
    this.events.emit('answered', undefined);
    await this.#accept(session);
    const cancel = settings.clock.setTimeout(() => this.#end(noMediaPath()), settings.connectTimeoutMs);
    await this.#connected.promise.finally(cancel);
  }

  /**
   * Gets new ICE credentials and candidates on both sides; media goes on meanwhile.
   * @returns false when the server restarts none
   * @throws SignallingError
   */
  restartIce(): Promise<boolean> {
    this.#restarting ??= this.#restartIce().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  /** The network is back: an interruption need not wait any longer. */
  hurry(): void {
    this.#interruption.hurry();
  }

  /** Ends it here and at the server. Idempotent. */
  async close(): Promise<void> {
    this.#end(new EndpointError('closed', 'The endpoint was closed.'));
    // The DELETE goes first: the end of DTLS would end the session too, and the DELETE would find none.
    await waitAtMost(this.#options.settings.clock, DELETE_TIMEOUT_MS, this.#deleteSession());
    this.peer.close();
  }

  /** Ends it as {@link close} does, because the page is being left: nothing can be waited for. */
  leave(): void {
    this.#end(new EndpointError('connection-lost', 'The page was left.'));
    void this.#deleteSession();
    this.peer.close();
  }

  async #deleteSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close({ keepalive: true }).catch(() => undefined);
  }

  #listen(): void {
    const { peer, events } = this;
    peer.addEventListener('connectionstatechange', () => this.#onPeerState(peer.connectionState));
    peer.addEventListener('track', (event) => events.emit('track', event));
    peer.addEventListener('datachannel', ({ channel }) => events.emit('remoteChannel', channel));
    peer.addEventListener('icecandidateerror', (event) => events.emit('candidateError', event));
    peer.addEventListener('icecandidate', ({ candidate }) => this.#trickle.add(candidate?.candidate ?? ''));
  }

  #negotiate(): Promise<SignallingSession> {
    const { settings } = this.#options;
    return this.#post(this.peer.localDescription?.sdp ?? '', settings).catch((error: unknown) => {
      throw new EndpointError('signalling', messageOf(error), error);
    });
  }

  async #post(offer: string, { dialect, url, timeoutMs, fetch, clock, options }: Settings): Promise<SignallingSession> {
    const open = dialect === 'zlm' ? openZlmSession : openSession;
    const { signal } = this.#aborter;
    return open(offer, { endpoint: url, token: await askToken(options.token, { clock, timeoutMs, signal }), timeoutMs, fetch, signal });
  }

  async #accept({ answer, iceServers }: SignallingSession): Promise<void> {
    const { peer } = this;
    try {
      // Those of the server come too late for this offer, and in time for a restart.
      if (iceServers.length > 0 && !this.#options.settings.options.iceServers) peer.setConfiguration({ ...peer.getConfiguration(), iceServers: [...iceServers] });
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    } catch (error) {
      throw new EndpointError('answer', `The server's answer does not fit the offer: ${messageOf(error)}`, error);
    }
    this.#openTrickle(answer);
    this.#watchDtls();
  }

  #openTrickle(answer: string): void {
    const { trickle } = this.#options.settings.options;
    if (trickle ?? !isIceLite(answer)) this.#trickle.open();
    else this.#trickle.stop();
  }

  #newTrickle(): Trickle {
    return new Trickle(this.#options.settings.clock, (candidates) => this.#session?.trickle(fragmentOf(this.peer.localDescription?.sdp ?? '', candidates)) ?? Promise.resolve(false));
  }

  async #restartIce(): Promise<boolean> {
    const { peer } = this;
    const session = this.#session;
    const answer = peer.currentRemoteDescription?.sdp;
    if (!session?.resource || answer === undefined) return false;
    this.#trickle.stop();
    this.#trickle = this.#newTrickle();
    peer.restartIce();
    await peer.setLocalDescription(await peer.createOffer());
    const sdp = peer.localDescription?.sdp ?? '';
    try {
      const reply = await session.restart(fragmentOf(sdp, candidatesOf(sdp)));
      const restarted = reply === undefined ? undefined : restartedAnswer(answer, reply);
      if (restarted === undefined) throw new Refused();
      await peer.setRemoteDescription({ type: 'answer', sdp: restarted });
      this.#openTrickle(restarted);
      return true;
    } catch (error) {
      if (!this.#isOver) await peer.setLocalDescription({ type: 'rollback' }).catch(() => undefined);
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  #onPeerState(state: RTCPeerConnectionState): void {
    this.events.emit('peerState', state);
    if (state === 'connected') this.#onConnected();
    else if (state === 'disconnected') this.#onInterrupted();
    else if (state === 'failed') this.#onFailed();
    // A browser does not tell its own close(); that of another library may tell the server's.
    else if (state === 'closed') this.#end(endedByServer());
  }

  #onConnected(): void {
    if (this.#isOver) return;
    this.#interruption.end();
    if (this.#wasConnected) this.events.emit('recovered', undefined);
    this.#wasConnected = true;
    this.#connected.resolve();
  }

  #onInterrupted(): void {
    if (this.#isOver || !this.#wasConnected) return;
    this.#interruption.begin();
    this.events.emit('interrupted', undefined);
  }

  /** The server ends a session with a DTLS alert; ICE is still alive then. */
  #onFailed(): void {
    const isAlive = ['connected', 'completed'].includes(this.peer.iceConnectionState);
    if (!this.#wasConnected) this.#end(noMediaPath());
    else if (isAlive) this.#end(endedByServer());
    else {
      this.#onInterrupted();
      this.#interruption.hurry();
    }
  }

  /** A close_notify ends the DTLS transport and leaves connectionState as it was. */
  #watchDtls(): void {
    const transports = this.peer.getTransceivers().map(({ sender, receiver }) => sender.transport ?? receiver.transport);
    for (const transport of new Set([...transports, this.peer.sctp?.transport])) {
      transport?.addEventListener?.('statechange', () => {
        if (transport.state === 'closed') this.#end(endedByServer());
      });
    }
  }

  #end(error: EndpointError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // It has none any more, and a DELETE would find none.
    if (error.failure === 'ended-by-server') this.#session = undefined;
    this.#aborter.abort();
    this.#interruption.end();
    this.#trickle.stop();
    this.#connected.reject(error);
    this.#ended.resolve(error);
  }

  #gathered(): Promise<void> {
    const { peer } = this;
    const complete = new Promise<void>((resolve) => {
      if (peer.iceGatheringState === 'complete') resolve();
      peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve());
    });
    return waitAtMost(this.#options.settings.clock, GATHERING_TIMEOUT_MS, complete);
  }
}

/** The server restarts none. */
class Refused extends Error {}

function noMediaPath(): EndpointError {
  return new EndpointError('no-media-path', 'No media gets through to the server; its UDP port must be reachable from here.');
}

function endedByServer(): EndpointError {
  return new EndpointError('ended-by-server', 'The server ended the session.');
}
