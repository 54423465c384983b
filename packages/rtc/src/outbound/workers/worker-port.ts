import type { PeerAddress } from '../../udp/peer-address.ts';
import type { SenderPort, SystemSocket, UdpDropReason } from '../../udp/sender-port.ts';

/** A socket of the engine, as it is described to a worker. */
export interface WorkerSocket {
  readonly descriptor: number;
  readonly family: 'ipv4' | 'ipv6';
  readonly localAddress: string;
}

/** Words that a worker counts in and the engine reads. */
export const WORKER_COUNTER = { sent: 0, queueFull: 1, noSocket: 2, refused: 3, closed: 4, notSealed: 5 } as const;
export const WORKER_COUNTERS = Object.keys(WORKER_COUNTER).length;

/** The engine's sockets in a worker: it sends on them, and the engine alone reads and closes them. */
export class WorkerPort implements SenderPort {
  readonly hasQueue = false;
  readonly isClosed = false;
  readonly #sockets: ReadonlyMap<string, SystemSocket>;
  readonly #ipv4: SystemSocket | undefined;
  readonly #ipv6: SystemSocket | undefined;
  readonly #counters: Uint32Array;

  constructor(sockets: readonly WorkerSocket[], counters: Uint32Array) {
    this.#sockets = new Map(sockets.map(({ localAddress, descriptor }) => [localAddress, { descriptor }]));
    this.#ipv4 = this.#sockets.get(sockets.find(({ family }) => family === 'ipv4')?.localAddress ?? '');
    this.#ipv6 = this.#sockets.get(sockets.find(({ family }) => family === 'ipv6')?.localAddress ?? '');
    this.#counters = counters;
  }

  /** Only what native calls can send comes here. */
  send(): boolean {
    this.countDropped('refused', 1);
    return false;
  }

  socketFor(to: PeerAddress): SystemSocket | undefined {
    if (to.localAddress !== undefined) return this.#sockets.get(to.localAddress);
    return to.address.includes(':') ? this.#ipv6 : this.#ipv4;
  }

  countSent(datagrams: number): void {
    Atomics.add(this.#counters, WORKER_COUNTER.sent, datagrams);
  }

  countDropped(reason: UdpDropReason, datagrams: number): void {
    Atomics.add(this.#counters, WORKER_COUNTER[reason], datagrams);
  }
}
