import type { Clock, DiagnosedDtls, IceCredentials, Logger, RemoteAddress, TransportStats } from '@sluice/core';
import { DtlsAssociation, type DtlsCertificate, type DtlsFingerprint, type DtlsRole, type SrtpKeys } from '../dtls/index.ts';
import { IceLiteAgent } from '../ice/ice-lite-agent.ts';
import type { StunRefusals } from '../ice/stun-refusals.ts';
import type { StunMessage } from '../ice/stun-message.ts';
import type { MediaPort } from '../media-port.ts';
import type { Outbounds } from '../outbound/outbounds.ts';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import type { CreatePacketCipher } from '../srtp/packet-cipher.ts';
import { type PeerAddress, sameRemote } from '../udp/peer-address.ts';
import type { PacketReceiver, PacketRouter } from '../udp/router.ts';
import { PeerOutbound } from './peer-outbound.ts';
import { type SrtpPair, createSrtpPair } from './srtp-pair.ts';

/** What a link stands on; one set per engine. */
export interface LinkEnvironment {
  /** When the datagram at hand came; outside of one, the time; monotonic milliseconds. */
  readonly receivedAt: () => number;
  readonly port: MediaPort;
  readonly router: PacketRouter;
  readonly certificate: DtlsCertificate;
  readonly clock: Clock;
  readonly outbounds: Outbounds;
  readonly createCipher: CreatePacketCipher;
  readonly refusals: StunRefusals;
  readonly maxChecksPerSecond: number;
  readonly maxDiagnosisEntries: number;
}

/** Who the peer is, from its description. */
export interface LinkPeer {
  readonly ice: IceCredentials;
  readonly fingerprints: readonly DtlsFingerprint[];
  /** Our role. */
  readonly role: DtlsRole;
  /** Where it says it is; used only by a link that makes checks itself. */
  readonly addresses?: readonly RemoteAddress[] | undefined;
}

/** What a link tells its owner. Buffers are the owner's to keep. */
export interface LinkEvents {
  /** The peer is verified. Without `hasSrtp` it takes data only. */
  onConnected(hasSrtp: boolean): void;
  /** Something came that only the peer can have sent. */
  onAlive(): void;
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
  onData(data: Buffer): void;
  /** The peer has closed, or the handshake has failed; at most once. */
  onClosed(reason: string): void;
}

/** The verified, encrypted way to one peer: ICE finds the address, DTLS the keys, SRTP uses them. */
export class SecureLink implements PacketReceiver {
  readonly ice: IceLiteAgent;
  readonly #outbound: PeerOutbound;
  readonly #environment: LinkEnvironment;
  readonly #events: LinkEvents;
  readonly #logger: Logger;
  readonly #counts = { bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsSent: 0 };
  readonly #dropped = { beforeHandshake: 0, rtpNotAccepted: 0, rtcpNotAccepted: 0, notSent: 0 };
  #dtls: DtlsAssociation | undefined;
  #srtp: SrtpPair | undefined;
  #registered = false;
  #role: DtlsRole | undefined;
  #dtlsDatagrams = 0;
  /** Wall clock, milliseconds. */
  #firstDtlsAt: number | undefined;
  #connectedAt: number | undefined;

  /** @param controlling whether it makes checks itself, towards a peer that waits for them */
  constructor(environment: LinkEnvironment, events: LinkEvents, logger: Logger, controlling = false) {
    this.#environment = environment;
    this.#events = events;
    this.#logger = logger;
    this.#outbound = new PeerOutbound({
      outbounds: environment.outbounds,
      sendAddress: () => this.ice.sendAddress,
      onSent: (bytes) => this.#countSent(bytes),
      onNotSent: (bytes) => this.#countNotSent(bytes),
      onFailed: (reason) => this.#events.onClosed(reason),
    });
    this.ice = new IceLiteAgent({
      clock: environment.clock,
      logger,
      refusals: environment.refusals,
      maxChecksPerSecond: environment.maxChecksPerSecond,
      maxDiagnosisEntries: environment.maxDiagnosisEntries,
      controlling,
      send: (data, to) => this.#environment.port.send(data, to),
      onAddressVerified: (from) => this.#bind(from),
      onAlive: () => this.#events.onAlive(),
      onOwnCheckBegun: (transactionId) => this.#environment.router.expectAnswer(transactionId, this),
      onOwnCheckEnded: (transactionId) => this.#environment.router.forgetAnswer(transactionId),
      onRetired: (usernameFragment) => this.#environment.router.remove(usernameFragment, this),
    });
  }

  get remote(): RemoteAddress | undefined {
    const to = this.ice.sendAddress;
    return to && { address: to.address, port: to.port };
  }

  /** How far the handshake came; also after the end. */
  get dtls(): DiagnosedDtls {
    return {
      state: this.#connectedAt !== undefined ? 'connected' : this.#dtlsDatagrams > 0 ? 'handshake' : 'waiting',
      role: this.#role,
      datagramsReceived: this.#dtlsDatagrams,
      firstAt: this.#firstDtlsAt,
      connectedAt: this.#connectedAt,
    };
  }

  get counts(): Pick<TransportStats, 'bytesReceived' | 'bytesSent' | 'packetsReceived' | 'packetsSent'> {
    return this.#counts;
  }

  /** Datagrams dropped here, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    return { ...this.#dropped, ...this.#dtls?.dropped };
  }

  /** From here on checks are answered; call it before the peer has our description. */
  listen(): void {
    this.#environment.router.add(this.ice.local.usernameFragment, this);
    this.#registered = true;
  }

  /** Takes up the handshake with this peer and no other. */
  start(peer: LinkPeer): void {
    this.ice.remote = peer.ice;
    this.#role = peer.role;
    this.#dtls = new DtlsAssociation({
      certificate: this.#environment.certificate,
      role: peer.role,
      remoteFingerprints: peer.fingerprints,
      clock: this.#environment.clock,
      logger: this.#logger,
      send: (datagram) => this.#sendDatagram(datagram),
      onConnected: (keys) => this.#connected(keys),
      onData: (data) => this.#onData(data),
      onClosed: (reason) => this.#events.onClosed(reason),
    });
    if (peer.role === 'server') this.#dtls.start();
    for (const address of peer.addresses ?? []) this.ice.addRemoteAddress(address);
    this.ice.startChecks();
  }

  /** Answers checks with new credentials from here on; the way in use stays until the peer has chosen another. */
  restartIce(remote: IceCredentials): void {
    this.ice.restart(remote);
    this.#environment.router.add(this.ice.local.usernameFragment, this);
  }

  /** Takes the RTP packets to the peer. */
  get outlet(): RtpOutlet {
    return this.#outbound;
  }

  sendRtcp(packet: Buffer): void {
    if (this.#srtp) this.#sendDatagram(this.#srtp.sender.protectRtcp(packet));
  }

  sendData(data: Buffer): void {
    this.#dtls?.sendData(data);
  }

  /** Tells the peer by a fatal alert, which a browser shows at once, and frees the address. Idempotent. */
  close(): void {
    this.#stopSrtp();
    this.#dtls?.close({ fatal: true });
    this.ice.close();
    if (!this.#registered) return;
    this.#registered = false;
    for (const usernameFragment of this.ice.usernameFragments) this.#environment.router.remove(usernameFragment, this);
  }

  onStun(message: StunMessage, from: PeerAddress): void {
    this.ice.handle(message, from);
  }

  onDtls(datagram: Buffer): void {
    this.#countReceived(datagram);
    this.#dtlsDatagrams++;
    this.#firstDtlsAt ??= this.#environment.clock.now();
    this.#dtls?.receive(datagram);
  }

  isUsing(address: PeerAddress): boolean {
    return this.ice.sendAddress !== undefined && sameRemote(this.ice.sendAddress, address);
  }

  /** Only the peer can have made an authentic packet that is no replay, but it may have been sent on from elsewhere. */
  onMoved(kind: 'rtp' | 'rtcp', datagram: Buffer, from: PeerAddress): boolean {
    const receiver = this.#srtp?.receiver;
    const packet = kind === 'rtp' ? receiver?.unprotectRtp(datagram) : receiver?.unprotectRtcp(datagram);
    if (!packet) return false;
    this.ice.suspectMove(from);
    this.#countReceived(datagram);
    this.#events.onAlive();
    if (kind === 'rtp') this.#events.onRtp(packet);
    else this.#events.onRtcp(packet);
    return true;
  }

  onRtp(datagram: Buffer): void {
    this.#countReceived(datagram);
    if (!this.#srtp) {
      this.#dropped.beforeHandshake++;
      return;
    }
    const packet = this.#srtp.receiver.unprotectRtp(datagram);
    if (!packet) {
      this.#dropped.rtpNotAccepted++;
      return;
    }
    this.#events.onAlive();
    this.#events.onRtp(packet);
  }

  onRtcp(datagram: Buffer): void {
    this.#countReceived(datagram);
    if (!this.#srtp) {
      this.#dropped.beforeHandshake++;
      return;
    }
    const packet = this.#srtp.receiver.unprotectRtcp(datagram);
    if (!packet) {
      this.#dropped.rtcpNotAccepted++;
      return;
    }
    this.#events.onAlive();
    this.#events.onRtcp(packet);
  }

  #bind(from: PeerAddress): boolean {
    if (!this.#environment.router.bindAddress(this, from, this.ice.sendAddress)) return false;
    // As DTLS client we speak first, which needs somebody to speak to.
    queueMicrotask(() => this.#dtls?.start());
    return true;
  }

  #connected(keys: SrtpKeys | undefined): void {
    this.#connectedAt = this.#environment.clock.now();
    if (keys) this.#startSrtp(keys);
    this.#events.onConnected(keys !== undefined);
  }

  #startSrtp(keys: SrtpKeys): void {
    this.#stopSrtp();
    this.#srtp = createSrtpPair(keys, this.#environment.createCipher);
    this.#outbound.start(this.#srtp, keys);
  }

  #stopSrtp(): void {
    this.#outbound.close();
    this.#srtp?.close();
    this.#srtp = undefined;
  }

  #onData(data: Buffer): void {
    this.#events.onAlive();
    this.#events.onData(data);
  }

  #sendDatagram(datagram: Buffer): void {
    const to = this.ice.sendAddress;
    if (!to || !this.#environment.port.send(datagram, to)) {
      this.#dropped.notSent++;
      return;
    }
    this.#countSent(datagram.length);
  }

  #countSent(bytes: number): void {
    this.#counts.bytesSent += bytes;
    this.#counts.packetsSent++;
  }

  /** @param bytes 0 for a packet that was not counted as sent */
  #countNotSent(bytes: number): void {
    this.#dropped.notSent++;
    if (bytes === 0) return;
    this.#counts.bytesSent -= bytes;
    this.#counts.packetsSent--;
  }

  #countReceived(datagram: Buffer): void {
    this.#counts.bytesReceived += datagram.length;
    this.#counts.packetsReceived++;
  }
}
