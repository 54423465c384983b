import type { Clock, Logger, RemoteAddress, TransportStats } from '@sluice/core';
import { DtlsAssociation, type DtlsCertificate, type DtlsFingerprint, type DtlsRole, type SrtpKeys } from '../dtls/index.ts';
import { IceLiteAgent } from '../ice/ice-lite-agent.ts';
import type { StunMessage } from '../ice/stun-message.ts';
import type { MediaPort } from '../media-port.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import type { PacketReceiver, PacketRouter } from '../udp/router.ts';
import { type SrtpPair, createSrtpPair } from './srtp-pair.ts';

/** What a link stands on; one set per engine. */
export interface LinkEnvironment {
  readonly port: MediaPort;
  readonly router: PacketRouter;
  readonly certificate: DtlsCertificate;
  readonly clock: Clock;
}

/** Who the peer is, from its description. */
export interface LinkPeer {
  readonly usernameFragment: string;
  readonly fingerprints: readonly DtlsFingerprint[];
  /** Our role. */
  readonly role: DtlsRole;
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
  readonly #environment: LinkEnvironment;
  readonly #events: LinkEvents;
  readonly #logger: Logger;
  readonly #counts = { bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsSent: 0 };
  readonly #dropped = { beforeHandshake: 0, rtpNotAccepted: 0, rtcpNotAccepted: 0, notSent: 0 };
  #dtls: DtlsAssociation | undefined;
  #srtp: SrtpPair | undefined;
  #registered = false;
  #dtlsDatagrams = 0;

  constructor(environment: LinkEnvironment, events: LinkEvents, logger: Logger) {
    this.#environment = environment;
    this.#events = events;
    this.#logger = logger;
    this.ice = new IceLiteAgent({
      clock: environment.clock,
      logger,
      send: (data, to) => this.#environment.port.send(data, to),
      onAddressVerified: (from) => this.#bind(from),
      onSelected: () => undefined,
      onRetired: (usernameFragment) => this.#environment.router.remove(usernameFragment, this),
    });
  }

  get remote(): RemoteAddress | undefined {
    const to = this.ice.sendAddress;
    return to && { address: to.address, port: to.port };
  }

  /** DTLS datagrams that came in. */
  get dtlsDatagrams(): number {
    return this.#dtlsDatagrams;
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
    this.ice.remoteUsernameFragment = peer.usernameFragment;
    this.#dtls = new DtlsAssociation({
      certificate: this.#environment.certificate,
      role: peer.role,
      remoteFingerprints: peer.fingerprints,
      clock: this.#environment.clock,
      logger: this.#logger,
      send: (datagram) => this.#send(datagram),
      onConnected: (keys) => this.#connected(keys),
      onData: (data) => this.#onData(data),
      onClosed: (reason) => this.#events.onClosed(reason),
    });
    if (peer.role === 'server') this.#dtls.start();
  }

  /** Answers checks with new credentials from here on; the way in use stays until the peer has chosen another. */
  restartIce(remoteUsernameFragment: string): void {
    this.ice.restart(remoteUsernameFragment);
    this.#environment.router.add(this.ice.local.usernameFragment, this);
  }

  sendRtp(packet: Buffer): void {
    if (this.#srtp) this.#send(this.#srtp.sender.protectRtp(packet));
  }

  sendRtcp(packet: Buffer): void {
    if (this.#srtp) this.#send(this.#srtp.sender.protectRtcp(packet));
  }

  sendData(data: Buffer): void {
    this.#dtls?.sendData(data);
  }

  /** Tells the peer by a fatal alert, which a browser shows at once, and frees the address. Idempotent. */
  close(): void {
    this.#dtls?.close({ fatal: true });
    this.#srtp = undefined;
    if (!this.#registered) return;
    this.#registered = false;
    for (const usernameFragment of this.ice.usernameFragments) this.#environment.router.remove(usernameFragment, this);
  }

  onStun(message: StunMessage, from: PeerAddress): void {
    this.ice.handleRequest(message, from);
  }

  onDtls(datagram: Buffer): void {
    this.#countReceived(datagram);
    this.#dtlsDatagrams++;
    this.#dtls?.receive(datagram);
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
    this.#events.onAlive();
    // As DTLS client we speak first, which needs somebody to speak to.
    queueMicrotask(() => this.#dtls?.start());
    return true;
  }

  #connected(keys: SrtpKeys | undefined): void {
    if (keys) this.#srtp = createSrtpPair(keys);
    this.#events.onConnected(keys !== undefined);
  }

  #onData(data: Buffer): void {
    this.#events.onAlive();
    this.#events.onData(data);
  }

  #send(datagram: Buffer): void {
    const to = this.ice.sendAddress;
    if (!to || !this.#environment.port.send(datagram, to)) {
      this.#dropped.notSent++;
      return;
    }
    this.#counts.bytesSent += datagram.length;
    this.#counts.packetsSent++;
  }

  #countReceived(datagram: Buffer): void {
    this.#counts.bytesReceived += datagram.length;
    this.#counts.packetsReceived++;
  }
}
