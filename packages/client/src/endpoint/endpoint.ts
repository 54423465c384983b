import { Emitter, type Listener } from '../events/emitter.ts';
import { tellClassicEvents } from './classic-events.ts';
import { Connection } from './connection.ts';
import { type ChannelData, sendOn, tellChannelEvents } from './data-channel.ts';
import { ElementView } from './element-view.ts';
import { EndpointError, messageOf } from './endpoint-error.ts';
import type { EndpointEvents, EndpointState, EndpointStateChange, EndpointStep } from './events.ts';
import { LocalMedia } from './local-media.ts';
import type { ClassicEndpointOptions, EndpointOptions } from './options.ts';
import { onPage } from './page.ts';
import { Pause } from './pause.ts';
import { Retries } from './retry.ts';
import { type Settings, settingsOf } from './settings.ts';
import type { EndpointStats } from './stats.ts';
import { StatsSampler } from './stats-sampler.ts';
import { streamStats } from './stats-stream.ts';

/**
 * Publishes, plays, or both, over WHIP (RFC 9725), WHEP or the ZLMediaKit API, and comes back when the connection is lost. It starts by itself as soon
 * as the code that made it has run, and takes the options, events and methods of the classic ZLMediaKit client too.
 */
export class Endpoint {
  readonly #settings: Settings;
  readonly #events = new Emitter<EndpointEvents>();
  readonly #started = Promise.withResolvers<void>();
  readonly #sampler: StatsSampler;
  readonly #local: LocalMedia;
  readonly #view: ElementView;
  readonly #retries: Retries;
  readonly #pause: Pause;
  #state: EndpointState = 'new';
  #step: EndpointStep | undefined;
  #error: EndpointError | undefined;
  #connection: Connection | undefined;
  #channel: RTCDataChannel | undefined;
  #iceServers: readonly RTCIceServer[] | undefined;
  #remote: MediaStream | undefined;
  #wantsStats = false;
  #leavePage: () => void = () => undefined;
  #closed: Promise<void> | undefined;

  /** @throws SignallingError when the URL is none; RangeError when a number is out of range */
  constructor(options: EndpointOptions | ClassicEndpointOptions) {
    this.#settings = settingsOf(options);
    this.#sampler = new StatsSampler(this.#settings.clock, this.#settings.statsIntervalMs, (stats) => this.#events.emit('stats', stats));
    this.#retries = new Retries(this.#settings);
    this.#pause = new Pause(this.#settings.clock);
    this.#view = new ElementView(options.element, (element) => this.#events.emit('playBlocked', element));
    this.#local = new LocalMedia(options, {
      capturing: () => this.#setStep('capturing'),
      changed: () => this.#tellLocal(),
      ended: (track) => this.#events.emit('sourceEnded', track),
    });
    this.#iceServers = options.iceServers;
    // Whoever wants to know listens to events, or calls start().
    this.#started.promise.catch(() => undefined);
    tellClassicEvents(this.#events);
    if (options.autoStart !== false) queueMicrotask(() => void this.start().catch(() => undefined));
  }

  get state(): EndpointState {
    return this.#state;
  }

  /** What the attempt that is under way waits for; undefined between attempts and once connected. */
  get step(): EndpointStep | undefined {
    return this.#step;
  }

  /** The last failure; undefined once connected. */
  get error(): EndpointError | undefined {
    return this.#error;
  }

  /** What is sent. */
  get localStream(): MediaStream | undefined {
    return this.#local.stream;
  }

  /** What is received. */
  get remoteStream(): MediaStream | undefined {
    return this.#remote;
  }

  /** The peer connection of this moment, for what is not offered here; another one after a reconnect. */
  get peerConnection(): RTCPeerConnection | undefined {
    return this.#connection?.peer;
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof EndpointEvents>(name: K, listener: Listener<EndpointEvents[K]>): () => void {
    if (name === 'stats') this.#wantStats();
    return this.#events.on(name, listener);
  }

  /** Like {@link on}, for the next such event only. */
  once<K extends keyof EndpointEvents>(name: K, listener: Listener<EndpointEvents[K]>): () => void {
    if (name === 'stats') this.#wantStats();
    return this.#events.once(name, listener);
  }

  off<K extends keyof EndpointEvents>(name: K, listener: Listener<EndpointEvents[K]>): void {
    this.#events.off(name, listener);
  }

  /**
   * Starts, where that has not happened by itself.
   * @returns resolves when it is connected for the first time
   * @throws EndpointError when it fails or is closed before
   */
  start(): Promise<void> {
    if (this.#state === 'new') {
      this.#leavePage = onPage({ hide: (isKept) => this.#leave(isKept), online: () => this.retry() });
      this.#enter('connecting');
      void this.#run();
    }
    return this.#started.promise;
  }

  /** Tries again now instead of after the pause, and restarts ICE of an interrupted connection. */
  retry(): void {
    this.#pause.end();
    this.#connection?.hurry();
  }

  /**
   * Gets new ICE credentials and paths, for example after a change of the network; media goes on meanwhile.
   * @returns false when there is no connection, or the server restarts none
   * @throws SignallingError
   */
  restartIce(): Promise<boolean> {
    return this.#connection?.restartIce() ?? Promise.resolve(false);
  }

  /** Sends on the data channel. @returns false, with nothing sent, when it is not open or its buffer is full */
  send(data: ChannelData): boolean {
    return sendOn(this.#channel, data);
  }

  /** The classic name of {@link send}. */
  sendMsg(data: ChannelData): boolean {
    return this.send(data);
  }

  closeDataChannel(): void {
    this.#channel?.close();
  }

  /**
   * Sends another track in place of the one of its kind, now and after a reconnect. The one before is stopped if it was captured here; the new one is the
   * caller's to stop.
   * @returns false when none of that kind is sent
   */
  async replaceTrack(track: MediaStreamTrack): Promise<boolean> {
    const replaced = this.#local.replace(track);
    if (!replaced) return false;
    await this.#connection?.peer.getSenders().find((sender) => sender.track === replaced)?.replaceTrack(track);
    return true;
  }

  /** The browser's own report; undefined without a connection. */
  getStats(): Promise<RTCStatsReport> | undefined {
    return this.#connection?.peer.getStats();
  }

  /** Statistics as they are measured, until the endpoint is closed. Of what comes while the caller is busy only the newest is kept. */
  stats(): AsyncGenerator<EndpointStats, void, undefined> {
    return streamStats({
      isOver: () => this.#isOver,
      onStats: (listener) => this.on('stats', listener),
      onOver: (listener) => this.on('state', () => this.#isOver && listener()),
    });
  }

  /** Ends it for good, here and at the server. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #isOver(): boolean {
    return this.#state === 'closed' || this.#state === 'failed';
  }

  async #close(): Promise<void> {
    const connection = this.#connection;
    if (!this.#isOver) this.#finish('closed', new EndpointError('closed', 'The endpoint was closed.'));
    await connection?.close();
  }

  /** One connection after the other, until it is closed or given up. */
  async #run(): Promise<void> {
    while (!this.#isOver) {
      const error = await this.#attempt();
      if (this.#isOver) return;
      this.#setStep(undefined);
      this.#error = error;
      this.#events.emit('error', error);
      const retryInMs = this.#retries.pauseAfter(error);
      // A listener may have closed it.
      if (this.#isOver) return;
      if (retryInMs === undefined) return this.#finish('failed', error);
      this.#enter('reconnecting', { error, retryInMs });
      await this.#pause.wait(retryInMs);
    }
  }

  /** Makes a connection, and waits for its end. @returns why it ended, or did not come about */
  async #attempt(): Promise<EndpointError> {
    const { clock } = this.#settings;
    let connection: Connection | undefined;
    try {
      const { PeerConnection, direction } = this.#settings;
      if (!PeerConnection) throw new EndpointError('unsupported', 'This browser has no WebRTC.');
      await this.#local.prepare(direction);
      if (this.#isOver) return new EndpointError('closed', 'The endpoint was closed.');
      connection = this.#connect(PeerConnection);
      await connection.open();
    } catch (error) {
      this.#drop(connection);
      return error instanceof EndpointError ? error : new EndpointError('answer', `The connection could not be made: ${messageOf(error)}`, error);
    }
    const since = clock.monotonic();
    this.#onConnected(connection);
    const error = await connection.ended;
    this.#retries.lasted(clock.monotonic() - since);
    this.#drop(connection);
    return error;
  }

  #tellLocal(): void {
    const stream = this.localStream;
    if (!stream) return;
    if (this.#settings.direction === 'publish') this.#view.showSilently(stream);
    this.#events.emit('localStream', stream);
  }

  #connect(PeerConnection: NonNullable<Settings['PeerConnection']>): Connection {
    const settings = this.#settings;
    this.#setStep('negotiating');
    this.#remote = undefined;
    const connection = new Connection({ settings, PeerConnection, media: this.#local.media, iceServers: this.#iceServers });
    const { events } = connection;
    this.#connection = connection;
    events.on('answered', () => this.#setStep('transport'));
    events.on('interrupted', () => this.#enter('reconnecting'));
    events.on('recovered', () => this.#enter('connected'));
    events.on('track', (event) => this.#onTrack(event));
    events.on('peerState', (state) => this.#events.emit('peerState', state));
    events.on('candidateError', (event) => this.#events.emit('candidateError', event));
    events.on('remoteChannel', (channel) => this.#events.emit('remoteChannel', channel));
    events.on('channel', (channel) => {
      this.#channel = channel;
      tellChannelEvents(channel, this.#events);
    });
    return connection;
  }

  #onConnected(connection: Connection): void {
    this.#retries.connected();
    this.#error = undefined;
    // The newest: credentials of TURN servers run out.
    if (!this.#settings.options.iceServers && connection.iceServers.length > 0) this.#iceServers = connection.iceServers;
    this.#setStep(undefined);
    this.#sample();
    this.#enter('connected');
    this.#started.resolve();
  }

  #onTrack(event: RTCTrackEvent): void {
    this.#addRemote(event.track);
    this.#events.emit('track', event);
  }

  /** Another library's tracks come in no stream that an element could show. */
  #addRemote(track: MediaStreamTrack): void {
    if (typeof MediaStream !== 'function') return;
    const isFirst = this.#remote === undefined;
    this.#remote ??= new MediaStream();
    this.#remote.addTrack(track);
    if (!isFirst) return;
    this.#view.show(this.#remote);
    this.#events.emit('remoteStream', this.#remote);
  }

  #wantStats(): void {
    if (this.#wantsStats) return;
    this.#wantsStats = true;
    this.#sample();
  }

  #sample(): void {
    const peer = this.#connection?.peer;
    if (this.#wantsStats && peer?.connectionState === 'connected' && !this.#isOver) this.#sampler.start(() => peer.getStats());
  }

  /** Its last words may take a while, and nothing waits for them. */
  #drop(connection: Connection | undefined): void {
    this.#sampler.stop();
    this.#channel = undefined;
    void connection?.close();
    if (this.#connection === connection) this.#connection = undefined;
  }

  /** A page that is kept for the way back finds its connection lost then, and makes another one. */
  #leave(isKept: boolean): void {
    this.#connection?.leave();
    if (!isKept) void this.close();
  }

  #setStep(step: EndpointStep | undefined): void {
    this.#step = step;
    if (step && !this.#isOver) this.#events.emit('step', step);
  }

  #enter(state: EndpointState, details: Pick<EndpointStateChange, 'error' | 'retryInMs'> = {}): void {
    const previous = this.#state;
    if (this.#isOver) return;
    this.#state = state;
    this.#events.emit('state', { state, previous, ...details });
  }

  #finish(state: 'closed' | 'failed', error: EndpointError): void {
    this.#enter(state, state === 'failed' ? { error } : {});
    this.#step = undefined;
    this.#started.reject(error);
    this.#pause.end();
    this.#leavePage();
    this.#sampler.stop();
    this.#local.stop();
    this.#view.clear();
  }
}
