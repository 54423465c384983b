import { randomUUID } from 'node:crypto';
import { type DiagnosedCandidate, type EngineStats, type LocalTrack, type LocalTrackOptions, MediaError, type RtcEngine, type RtcTransport, type TransportOptions, type Undo } from '@sluice/core';
import { type DtlsCertificate, createDtlsCertificate } from './dtls/index.ts';
import { type ResolvedEngineOptions, type RtcEngineOptions, resolveEngineOptions } from './engine-options.ts';
import { FanOut } from './forward/fan-out.ts';
import { LocalMediaTrack } from './forward/local-media-track.ts';
import { ProbePacer } from './forward/probe-pacer.ts';
import { engineStats } from './engine-stats.ts';
import { StunRefusals } from './ice/stun-refusals.ts';
import { MediaPort } from './media-port.ts';
import { MediaTotals } from './media-totals.ts';
import { createOutbounds } from './outbound/create-outbounds.ts';
import type { Outbounds } from './outbound/outbounds.ts';
import { type MediaTier, type RtcTier, chooseTier } from './tier.ts';
import { PeerTransport } from './transport/peer-transport.ts';
import { type HostCandidate, localCandidateAddresses } from './udp/candidates.ts';
import { ReceivePolling } from './udp/receive-polling.ts';
import { PacketRouter } from './udp/router.ts';

/** NACKs and feedback are due to within this. */
const TICK_MS = 20;
/** A tick that comes later says that the process stood still, and heard nobody. */
const LATE_TICK_MS = 250;

/**
 * Binds the port, for UDP and TCP, and makes the media plane behind it.
 * @throws MediaError PORT_IN_USE; CONFIG_INVALID, also for a tier that does not work here
 */
export async function createRtcEngine(options: RtcEngineOptions = {}): Promise<SluiceEngine> {
  const resolved = resolveEngineOptions(options);
  const tier = await chooseTier(resolved.tier, resolved.logger);
  const [port, certificate] = await Promise.all([MediaPort.bind(resolved), createDtlsCertificate()]);
  return new SluiceEngine(resolved, port, certificate, tier);
}

/** The media plane of one server: one port, one certificate, any number of peers. */
export class SluiceEngine implements RtcEngine {
  readonly port: number;
  /** What answers offer. */
  readonly candidates: readonly HostCandidate[];
  /** How packets are encrypted and sent. */
  readonly tier: RtcTier;
  readonly #createCipher: MediaTier['createCipher'];
  readonly #options: ResolvedEngineOptions;
  readonly #port: MediaPort;
  readonly #router: PacketRouter;
  readonly #refusals: StunRefusals;
  readonly #certificate: DtlsCertificate;
  readonly #outbounds: Outbounds;
  readonly #closeSealer: () => void;
  readonly #fanOut: FanOut;
  /** Undefined where packets are not gathered, or only Node reads them. */
  readonly #polling: ReceivePolling | undefined;
  readonly #probePacer: ProbePacer;
  readonly #transports = new Set<PeerTransport>();
  readonly #totals = new MediaTotals();
  readonly #localTracks = new Set<LocalMediaTrack>();
  #cancelTick: Undo | undefined;
  #nextTickAt = 0;
  #closing: Promise<void> | undefined;

  /** Use {@link createRtcEngine}. */
  constructor(options: ResolvedEngineOptions, port: MediaPort, certificate: DtlsCertificate, tier: MediaTier) {
    this.#options = options;
    this.#port = port;
    this.#certificate = certificate;
    this.#refusals = new StunRefusals({ clock: options.clock, maxPerSecond: options.maxStunRefusalsPerSecond, send: (data, to) => port.send(data, to) });
    this.#router = new PacketRouter({ ...options, refusals: this.#refusals });
    this.port = port.port;
    this.candidates = localCandidateAddresses({ port: port.port, addresses: port.addresses, externalAddresses: options.externalAddresses, privateCandidates: options.privateCandidates, tcp: port.tcp !== undefined });
    this.tier = tier.name;
    this.#createCipher = tier.createCipher;
    this.#outbounds = createOutbounds(options, tier, port);
    this.#closeSealer = () => tier.sealer.close();
    this.#fanOut = new FanOut({
      clock: options.clock,
      logger: options.logger,
      outbounds: this.#outbounds,
      flushIntervalMs: options.flushIntervalMs,
      frameWaitMs: options.frameWaitMs,
      isFlushedSoon: () => this.#polling?.isActive ?? false,
    });
    this.#polling = this.#createPolling(tier, port);
    this.#probePacer = new ProbePacer({ clock: options.clock, logger: options.logger, outbounds: this.#outbounds });
    port.onPacket = (datagram, from) => {
      this.#router.route(datagram, from);
      if (this.#polling?.receivedAt === undefined) this.#outbounds.flush();
    };
    port.udp.onRead = () => this.#polling?.onDatagram();
    port.onConnectionClosed = this.#router.release;
  }

  get addresses(): readonly string[] {
    return [...new Set(this.candidates.map(({ address }) => address))];
  }

  get localCandidates(): readonly DiagnosedCandidate[] {
    return this.candidates.map(({ protocol, address, port }) => ({ protocol, address, port, type: 'host' }));
  }

  stats(): EngineStats {
    const media = this.#totals.read(this.#transports);
    const forwardTimes = this.#fanOut.forwardTimes.sample();
    return engineStats({ tier: this.tier, transports: this.#transports.size, media, forwardTimes, port: this.#port, router: this.#router, refusals: this.#refusals, workers: this.#outbounds.workers });
  }

  get transportCount(): number {
    return this.#transports.size;
  }

  createTransport(options: TransportOptions = {}): RtcTransport {
    if (this.#closing) throw new MediaError('ENGINE_CLOSED', 'The media engine is closed.');
    const transport = new PeerTransport({
      id: randomUUID(),
      label: options.label,
      streamLabel: options.streamLabel ?? randomUUID(),
      ice: options.ice ?? 'lite',
      keyframeCacheBytes: options.keyframeCacheBytes ?? this.#options.keyframeCacheBytes,
      link: { ...this.#options, port: this.#port, router: this.#router, refusals: this.#refusals, certificate: this.#certificate, outbounds: this.#outbounds, createCipher: this.#createCipher, receivedAt: () => this.#receivedAt() },
      fanOut: this.#fanOut,
      probePacer: this.#probePacer,
      candidates: this.candidates,
      engine: this.#options,
      onClosed: () => {
        if (this.#transports.delete(transport)) this.#totals.keep(transport);
      },
    });
    this.#transports.add(transport);
    this.#scheduleTick();
    return transport;
  }

  createTrack(options: LocalTrackOptions): LocalTrack {
    if (this.#closing) throw new MediaError('ENGINE_CLOSED', 'The media engine is closed.');
    const { clock, logger, retransmissionCacheMs } = this.#options;
    const { kind, codec, keyframeCacheBytes = this.#options.keyframeCacheBytes } = options;
    const track = new LocalMediaTrack({ kind, codec, clock, logger, fanOut: this.#fanOut, keyframeCacheBytes, retransmissionCacheMs });
    this.#localTracks.add(track);
    track.onEnded(() => this.#localTracks.delete(track));
    return track;
  }

  /** Tells every peer, then frees the port. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelTick?.();
    for (const track of this.#localTracks) track.end();
    await Promise.all(Array.from(this.#transports, (transport) => transport.close('the server is closing')));
    this.#polling?.close();
    this.#fanOut.close();
    this.#probePacer.close();
    await this.#outbounds.workers?.close();
    this.#closeSealer();
    await this.#port.close();
  }

  #createPolling({ reader }: MediaTier, port: MediaPort): ReceivePolling | undefined {
    const { clock, flushIntervalMs } = this.#options;
    if (!reader || flushIntervalMs === 0) return undefined;
    return new ReceivePolling({ clock, reader, sockets: port.udp.pollableSockets, intervalMs: flushIntervalMs, onTurn: (now) => this.#endTurn(now) });
  }

  #endTurn(now: number): void {
    this.#fanOut.flushDue(now);
    // What is due before the next turn is done now, so that nothing wakes the process between them.
    if (this.#cancelTick && now + this.#options.flushIntervalMs >= this.#nextTickAt) {
      this.#cancelTick();
      this.#tick();
    }
    this.#outbounds.flush();
  }

  #receivedAt(): number {
    return this.#polling?.receivedAt ?? this.#options.clock.monotonic();
  }

  /** One timer for all transports, which runs only while there are some. */
  #scheduleTick(): void {
    if (this.#cancelTick) return;
    this.#nextTickAt = this.#options.clock.monotonic() + TICK_MS;
    this.#cancelTick = this.#options.clock.setTimeout(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const now = this.#options.clock.monotonic();
    const lateMs = now - this.#nextTickAt;
    const deafMs = lateMs > LATE_TICK_MS ? lateMs : 0;
    for (const transport of this.#transports) this.#tickOne(transport, now, deafMs);
    this.#outbounds.flush();
    if (this.#transports.size > 0 && !this.#closing) this.#scheduleTick();
  }

  /** What one session throws here would end the process, and with it all others. */
  #tickOne(transport: PeerTransport, now: number, deafMs: number): void {
    try {
      transport.tick(now, deafMs);
    } catch (error) {
      this.#options.logger.error({ err: error, transport: transport.id }, 'A session failed in its periodic work');
    }
  }
}
