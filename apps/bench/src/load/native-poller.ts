import type { DatagramSocket } from './datagram-socket.ts';

// Linux on 64-bit machines: <sys/socket.h>, <sys/epoll.h>, <netinet/in.h>.
const AF_INET = 2;
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const EPOLLIN = 1;
const EPOLL_CTL_ADD = 1;
const MSG_DONTWAIT = 0x40;
const SOCKADDR_BYTES = 16;
const EPOLL_EVENT_BYTES = 12;
const MMSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;
// Where fields stand in a struct mmsghdr.
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_LEN = 56;

const POLL_INTERVAL_MS = 1;
const MAX_EVENTS = 256;
const MESSAGES = 32;
/** Longer datagrams are cut, which no peer here minds. */
const SLOT_BYTES = 2048;

type Libc = Awaited<ReturnType<typeof loadLibc>>;

async function loadLibc() {
  const { default: koffi } = await import('koffi');
  const library = koffi.load('libc.so.6');
  return {
    addressOf: (memory: Buffer): bigint => koffi.address(memory),
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, int)'),
    getsockname: library.func('int getsockname(int, _Inout_ uint8_t *, _Inout_ int *)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, int)'),
    close: library.func('int close(int)'),
    sendto: library.func('long sendto(int, void *, size_t, int, void *, int)'),
    recvmmsg: library.func('int recvmmsg(int, uintptr_t, unsigned int, int, uintptr_t)'),
    createEpoll: library.func('int epoll_create1(int)'),
    controlEpoll: library.func('int epoll_ctl(int, int, int, void *)'),
    waitEpoll: library.func('int epoll_wait(int, uintptr_t, int, int)'),
  };
}

/** Receives for many sockets: looks every millisecond which have something, and takes 32 datagrams at a time. */
export class NativePoller {
  readonly #libc: Libc;
  readonly #address: Buffer;
  readonly #receiveBuffer = Buffer.alloc(4);
  readonly #epoll: number;
  readonly #sockets = new Map<number, DatagramSocket>();
  // The kernel writes to these by their address, so they live as long as the poller.
  readonly #messages = Buffer.alloc(MESSAGES * MMSGHDR_BYTES);
  readonly #vectors = Buffer.alloc(MESSAGES * IOVEC_BYTES);
  readonly #slots = Buffer.alloc(MESSAGES * SLOT_BYTES);
  readonly #events = Buffer.alloc(MAX_EVENTS * EPOLL_EVENT_BYTES);
  readonly #messagesAt: number;
  readonly #eventsAt: number;

  private constructor(libc: Libc, address: string, receiveBufferBytes: number) {
    const { addressOf } = libc;
    this.#libc = libc;
    this.#address = Buffer.from(address.split('.').map(Number));
    this.#receiveBuffer.writeInt32LE(receiveBufferBytes);
    this.#epoll = libc.createEpoll(0);
    this.#messagesAt = Number(addressOf(this.#messages));
    this.#eventsAt = Number(addressOf(this.#events));
    const [vectorsAt, slotsAt] = [addressOf(this.#vectors), addressOf(this.#slots)];
    for (let index = 0; index < MESSAGES; index++) {
      this.#vectors.writeBigUInt64LE(slotsAt + BigInt(index * SLOT_BYTES), index * IOVEC_BYTES);
      this.#vectors.writeBigUInt64LE(BigInt(SLOT_BYTES), index * IOVEC_BYTES + 8);
      this.#messages.writeBigUInt64LE(vectorsAt + BigInt(index * IOVEC_BYTES), index * MMSGHDR_BYTES + MSG_IOV);
      this.#messages.writeBigUInt64LE(1n, index * MMSGHDR_BYTES + MSG_IOVLEN);
    }
    setInterval(() => this.#poll(), POLL_INTERVAL_MS).unref();
  }

  /** @returns undefined where there is no koffi, or another system */
  static async create(address: string, receiveBufferBytes: number): Promise<NativePoller | undefined> {
    try {
      return new NativePoller(await loadLibc(), address, receiveBufferBytes);
    } catch {
      return undefined;
    }
  }

  /** @throws Error when the system gives no socket */
  open(): DatagramSocket {
    const libc = this.#libc;
    const descriptor: number = libc.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0);
    if (descriptor < 0 || libc.bind(descriptor, this.#endpoint(0), SOCKADDR_BYTES) < 0) throw new Error('The system gives no UDP socket.');
    libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, this.#receiveBuffer, this.#receiveBuffer.length);
    const bound = Buffer.alloc(SOCKADDR_BYTES);
    libc.getsockname(descriptor, bound, [SOCKADDR_BYTES]);
    const event = Buffer.alloc(EPOLL_EVENT_BYTES);
    event.writeUInt32LE(EPOLLIN);
    event.writeInt32LE(descriptor, 4);
    libc.controlEpoll(this.#epoll, EPOLL_CTL_ADD, descriptor, event);
    let remote = { port: 0, endpoint: this.#endpoint(0) };
    const socket: DatagramSocket = {
      port: bound.readUInt16BE(2),
      onMessage: () => undefined,
      send: (datagram, port) => {
        if (remote.port !== port) remote = { port, endpoint: this.#endpoint(port) };
        libc.sendto(descriptor, datagram, datagram.length, MSG_DONTWAIT, remote.endpoint, SOCKADDR_BYTES);
      },
      close: () => {
        if (this.#sockets.delete(descriptor)) libc.close(descriptor);
      },
    };
    this.#sockets.set(descriptor, socket);
    return socket;
  }

  #endpoint(port: number): Buffer {
    const endpoint = Buffer.alloc(SOCKADDR_BYTES);
    endpoint.writeUInt16LE(AF_INET);
    endpoint.writeUInt16BE(port, 2);
    this.#address.copy(endpoint, 4);
    return endpoint;
  }

  #poll(): void {
    const ready: number = this.#libc.waitEpoll(this.#epoll, this.#eventsAt, MAX_EVENTS, 0);
    for (let index = 0; index < ready; index++) this.#drain(this.#events.readInt32LE(index * EPOLL_EVENT_BYTES + 4));
  }

  #drain(descriptor: number): void {
    // A datagram before this one may have closed the socket.
    for (let received = MESSAGES; received === MESSAGES && this.#sockets.has(descriptor); ) {
      received = this.#libc.recvmmsg(descriptor, this.#messagesAt, MESSAGES, MSG_DONTWAIT, 0);
      for (let index = 0; index < received; index++) {
        const length = this.#messages.readUInt32LE(index * MMSGHDR_BYTES + MSG_LEN);
        this.#sockets.get(descriptor)?.onMessage(this.#slots.subarray(index * SLOT_BYTES, index * SLOT_BYTES + length));
      }
    }
  }
}
