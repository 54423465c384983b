import type { CandidateLike, PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import { type Backoff, backoffDelay } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import { MAX_WAITING, Negotiation } from './negotiation.ts';
import { PeerError } from './peer-error.ts';
import type { Expectation } from './pending-requests.ts';
import type { RemoteCandidate, ServerMessage } from './server-message.ts';

/** Which stream. What is not given, the server chooses. */
export interface PeerStreamNames {
  readonly app?: string | undefined;
  readonly stream?: string | undefined;
  readonly vhost?: string | undefined;
}

/** What a viewer wants. */
export interface PeerPlayOptions extends PeerStreamNames {
  /** Default true. */
  readonly video?: boolean | undefined;
  /** Default true. */
  readonly audio?: boolean | undefined;
  /** Names such as `H264` or `VP8`, the best first. Default: the server's order. */
  readonly codecPreferences?: readonly string[] | undefined;
}

/** What a publisher sends. */
export interface PeerPublishOptions<C> extends PeerStreamNames {
  /** Adds tracks, transceivers and data channels to each new connection, before its offer is made. */
  readonly prepare: (connection: C) => void | Promise<void>;
}

/** A stream that is played or published. It outlives its connections: after a loss it gets a new one. */
export interface PeerMedia<C> {
  readonly kind: 'play' | 'publish';
  /** The current one; undefined until the server has answered. */
  readonly connection: C | undefined;
  /** The server's name of the session, where it gives one. */
  readonly sessionId: string | undefined;
  /** Ends it for good. Calling it again does nothing. */
  close(): void;
}

/** What {@link ManagedMedia} needs of its client. */
export interface MediaHost<C extends PeerConnectionLike> {
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly offerTimeoutMs: number;
  peerConnection(): C;
  isReady(): boolean;
  send(type: string, data: JsonObject): boolean;
  request<T>(type: string, data: JsonObject, expected: Expectation<T>): Promise<T>;
  onConnection(media: PeerMedia<C>, connection: C): void;
  onError(error: PeerError): void;
  onClosed(media: ManagedMedia<C>): void;
}

/** A description of the server, and its name of the session. */
type Described = Extract<ServerMessage, { readonly sdp: string }>;

/** What either side describes. */
type Purpose<C> = { readonly kind: 'play'; readonly options: PeerPlayOptions } | { readonly kind: 'publish'; readonly options: PeerPublishOptions<C> };

/** A {@link PeerMedia} as its client has it. */
export class ManagedMedia<C extends PeerConnectionLike> implements PeerMedia<C> {
  sessionId: string | undefined;
  readonly #host: MediaHost<C>;
  readonly #purpose: Purpose<C>;
  #negotiation: Negotiation<C> | undefined;
  /** Candidates that came before the connection they are for. */
  #early: RemoteCandidate[] = [];
  #failures = 0;
  #isClosed = false;
  #attempt = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(host: MediaHost<C>, purpose: Purpose<C>) {
    this.#host = host;
    this.#purpose = purpose;
  }

  get kind(): 'play' | 'publish' {
    return this.#purpose.kind;
  }

  get connection(): C | undefined {
    return this.#negotiation?.connection;
  }

  /**
   * Makes a connection in place of the one there was.
   * @throws PeerError
   */
  async start(): Promise<void> {
    this.#release();
    const attempt = ++this.#attempt;
    try {
      if (this.#purpose.kind === 'play') await this.#play(this.#purpose.options, attempt);
      else await this.#publish(this.#purpose.options, attempt);
      this.#failures = 0;
    } catch (error) {
      if (attempt === this.#attempt) this.#release();
      throw error instanceof PeerError ? error : new PeerError('media', `The RTCPeerConnection failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  /** Like {@link start}, again and again until it works; each failure is told. */
  async restart(): Promise<void> {
    if (this.#isClosed || !this.#host.isReady()) return;
    this.#cancelRetry();
    try {
      await this.start();
    } catch (error) {
      // A connection that was lost meanwhile starts it again when it is back.
      if (this.#isClosed || !this.#host.isReady() || !(error instanceof PeerError)) return;
      this.#host.onError(error);
      this.#retryLater();
    }
  }

  addRemoteCandidate(candidate: RemoteCandidate): void {
    if (this.#negotiation) this.#negotiation.addRemoteCandidate(candidate);
    else if (this.#early.length < MAX_WAITING) this.#early.push(candidate);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
    this.#host.onClosed(this);
  }

  async #play({ app, stream, vhost, video = true, audio = true, codecPreferences = [] }: PeerPlayOptions, attempt: number): Promise<void> {
    const wanted = { constraints: { video, audio }, codec_preferences: codecPreferences, app, stream, vhost };
    const { sdp, sessionId } = await this.#host.request('request-offer', wanted, this.#expected('offer'));
    this.#checkCurrent(attempt);
    this.sessionId = sessionId;
    const negotiation = this.#negotiate(attempt);
    const answer = await negotiation.acceptOffer(sdp);
    this.#checkCurrent(attempt);
    this.#host.send('answer', { sdp: { type: 'answer', sdp: answer }, session_id: sessionId });
    negotiation.release();
  }

  async #publish({ app, stream, vhost, prepare }: PeerPublishOptions<C>, attempt: number): Promise<void> {
    const negotiation = this.#negotiate(attempt);
    await prepare(negotiation.connection);
    const offer = await negotiation.makeOffer();
    this.#checkCurrent(attempt);
    const { sdp, sessionId } = await this.#host.request('publish', { app, stream, vhost, sdp: { type: 'offer', sdp: offer } }, this.#expected('answer'));
    this.#checkCurrent(attempt);
    this.sessionId = sessionId;
    negotiation.release();
    await negotiation.acceptAnswer(sdp);
  }

  #expected(what: 'offer' | 'answer'): Expectation<Described> {
    return { what, timeoutMs: this.#host.offerTimeoutMs, accept: (message) => (message.kind === what ? message : undefined) };
  }

  #negotiate(attempt: number): Negotiation<C> {
    const connection = this.#host.peerConnection();
    const negotiation = new Negotiation(connection, {
      onCandidate: (candidate) => this.#host.send('ice-candidate', { candidate: candidateBody(candidate), session_id: this.sessionId }),
      onFailed: () => {
        if (attempt === this.#attempt) this.#retryLater();
      },
    });
    this.#negotiation = negotiation;
    for (const candidate of this.#early.splice(0)) negotiation.addRemoteCandidate(candidate);
    this.#host.onConnection(this, connection);
    return negotiation;
  }

  #checkCurrent(attempt: number): void {
    if (this.#isClosed || attempt !== this.#attempt) throw new PeerError('closed', 'The media were closed, or started anew, meanwhile.');
  }

  #retryLater(): void {
    this.#failures += 1;
    this.#cancelRetry();
    this.#cancelRetry = this.#host.clock.setTimeout(() => void this.restart(), backoffDelay(this.#failures, this.#host.backoff, this.#host.random()));
  }

  #release(): void {
    this.#attempt += 1;
    this.#cancelRetry();
    this.#negotiation?.close();
    this.#negotiation = undefined;
    this.#early = [];
    this.sessionId = undefined;
  }
}

/** A candidate of a browser has more members than its JSON. */
function candidateBody({ candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment }: CandidateLike): JsonObject {
  return { candidate, sdpMid, sdpMLineIndex, ...(typeof usernameFragment === 'string' ? { usernameFragment } : {}) };
}
