import { MediaError } from '@sluice/core';
import type { ResolvedEngineOptions } from './engine-options.ts';
import { TcpPort } from './tcp/tcp-port.ts';
import type { PeerAddress } from './udp/peer-address.ts';
import type { SenderPort, SystemSocket, UdpDropReason } from './udp/sender-port.ts';
import { UdpPort } from './udp/udp-port.ts';

const PORT_ATTEMPTS = 10;

/** The port number of all sessions: UDP, and beside it TCP for peers whose network lets no UDP through. */
export class MediaPort implements SenderPort {
  readonly port: number;
  /** The bound addresses; `0.0.0.0` and `::` stand for all of their family. */
  readonly addresses: readonly string[];
  readonly udp: UdpPort;
  /** Undefined when it is switched off, or another program has the number. */
  readonly tcp: TcpPort | undefined;

  private constructor(udp: UdpPort, tcp: TcpPort | undefined) {
    this.port = udp.port;
    this.addresses = udp.addresses;
    this.udp = udp;
    this.tcp = tcp;
  }

  /**
   * Binds UDP, and TCP on the same number unless it is switched off. Where another program has the
   * number for TCP, one that was picked here is picked anew; one that was asked for goes without TCP.
   * @throws MediaError PORT_IN_USE when another program has the UDP port, CONFIG_INVALID when an
   * address is none of this machine's, or the port may not be bound
   */
  static async bind(options: ResolvedEngineOptions): Promise<MediaPort> {
    for (let attempt = 1; ; attempt++) {
      const udp = await UdpPort.bind(options);
      if (!options.tcp) return new MediaPort(udp, undefined);
      try {
        const tcp = await TcpPort.listen({ port: udp.port, addresses: udp.addresses, limits: options, logger: options.logger, clock: options.clock });
        return new MediaPort(udp, tcp);
      } catch (error) {
        const pickAnew = options.port === 0 && error instanceof MediaError && error.code === 'PORT_IN_USE' && attempt < PORT_ATTEMPTS;
        if (!pickAnew) {
          options.logger.warn({ err: error, port: udp.port }, 'Media is offered over UDP only, because TCP cannot have the same port; free it, choose another rtc.port, or set rtc.tcp to false.');
          return new MediaPort(udp, undefined);
        }
        await udp.close();
      }
    }
  }

  /** Gets every datagram and frame, and must not throw. The buffer is the receiver's to keep. */
  set onPacket(onPacket: (data: Buffer, from: PeerAddress) => void) {
    this.udp.onPacket = onPacket;
    if (this.tcp) this.tcp.onPacket = onPacket;
  }

  /** Told when a TCP connection is gone, and its address with it. */
  set onConnectionClosed(onClosed: (address: PeerAddress) => void) {
    if (this.tcp) this.tcp.onClosed = onClosed;
  }

  get hasQueue(): boolean {
    return this.udp.hasQueue;
  }

  get isClosed(): boolean {
    return this.udp.isClosed;
  }

  socketFor(to: PeerAddress): SystemSocket | undefined {
    return this.udp.socketFor(to);
  }

  countSent(datagrams: number): void {
    this.udp.countSent(datagrams);
  }

  countDropped(reason: UdpDropReason, datagrams: number): void {
    this.udp.countDropped(reason, datagrams);
  }

  /**
   * Sends the way the address came: by UDP, or on its connection. Neither waits nor throws; the bytes must stay unchanged.
   * @returns false when the datagram was dropped; the counters say why
   */
  send(data: Uint8Array, to: PeerAddress): boolean {
    return to.connection ? to.connection.send(data) : this.udp.send(data, to);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.udp.close(), this.tcp?.close()]);
  }
}
