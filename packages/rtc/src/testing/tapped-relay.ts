import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';

const LOOPBACK = '127.0.0.1';

/** Sits between one client and the server, as an attacker on the path does: hears everything, and may keep packets back. */
export class TappedRelay {
  /** What the client sent, oldest first. */
  readonly heard: Buffer[] = [];
  /** Keeps back what it says yes to. */
  withhold: (datagram: Buffer) => boolean = () => false;
  readonly #front = createSocket('udp4');
  readonly #back = createSocket('udp4');
  readonly #serverPort: number;
  #clientPort = 0;

  static async open(serverPort: number): Promise<TappedRelay> {
    const relay = new TappedRelay(serverPort);
    for (const socket of [relay.#front, relay.#back]) {
      socket.bind(0, LOOPBACK);
      await once(socket, 'listening');
    }
    return relay;
  }

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#front.on('message', (datagram, { port }) => {
      this.#clientPort = port;
      this.heard.push(datagram);
      if (!this.withhold(datagram)) this.inject(datagram);
    });
    this.#back.on('message', (datagram) => this.#front.send(datagram, this.#clientPort, LOOPBACK));
  }

  /** Where the server sees the client. */
  get port(): number {
    return this.#back.address().port;
  }

  /** The SDP with candidates that lead here; without TCP. */
  lead(sdp: string): string {
    const relayed = sdp.replaceAll(/^(a=candidate:\S+ \d+ udp \d+) \S+ \d+ /gm, `$1 ${LOOPBACK} ${this.#front.address().port} `);
    return relayed.replaceAll(/^a=candidate:\S+ \d+ tcp .*\r\n/gm, '');
  }

  /** Sends the server a datagram from where it sees the client. */
  inject(datagram: Buffer): void {
    this.#back.send(datagram, this.#serverPort, LOOPBACK);
  }

  close(): void {
    this.#front.close();
    this.#back.close();
  }
}

/** A socket on another port of the client's host. */
export class Stranger {
  readonly received: Buffer[] = [];
  readonly #socket: Socket;
  readonly #serverPort: number;

  static async open(serverPort: number): Promise<Stranger> {
    const socket = createSocket('udp4').bind(0, LOOPBACK);
    await once(socket, 'listening');
    return new Stranger(socket, serverPort);
  }

  private constructor(socket: Socket, serverPort: number) {
    this.#socket = socket;
    this.#serverPort = serverPort;
    socket.on('message', (datagram) => this.received.push(datagram));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(datagram: Buffer): void {
    this.#socket.send(datagram, this.#serverPort, LOOPBACK);
  }

  close(): void {
    this.#socket.close();
  }
}

/** RTP or RTCP, encrypted or not (RFC 7983). */
export function isMedia(datagram: Buffer): boolean {
  return (datagram[0] ?? 0) >= 128;
}
