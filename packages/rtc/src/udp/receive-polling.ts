import type { Clock, RemoteAddress, Undo } from '@sluice/core';

const WINDOW_MS = 100;
/** Datagrams in a window from which on looking after them costs less than being woken for each. */
const WORTH_POLLING = 20;
/** Fewer than these are waited for again. */
const NOT_WORTH_POLLING = 10;
/** Calls in one turn; the rest is for the next one, which comes at once. */
const MAX_READS = 16;

/** Reads what waits in a socket. */
export interface DatagramReader {
  /** Whether the system notes when each datagram came. */
  setStamping(descriptor: number, stamping: boolean): void;
  /**
   * Takes what has come, without waiting. The buffers are the taker's to keep; ages are in milliseconds.
   * @returns whether there may be more
   */
  read(descriptor: number, take: (data: Buffer, from: RemoteAddress, ageMs: number) => void): boolean;
}

/** A socket that need not be read by Node. */
export interface PollableSocket {
  /** Of the open file; undefined when there is none any more. */
  readonly descriptor: number | undefined;
  /** Whether Node reads from it. @returns false when that cannot be changed */
  setReading(reading: boolean): boolean;
  /** Takes a datagram that was read from it. */
  receive(data: Buffer, from: RemoteAddress): void;
}

/** What {@link ReceivePolling} takes. */
export interface ReceivePollingOptions {
  readonly clock: Clock;
  readonly reader: DatagramReader;
  readonly sockets: readonly PollableSocket[];
  /** Between two turns, milliseconds. */
  readonly intervalMs: number;
  /** All that has come was received. */
  onTurn(now: number): void;
}

/**
 * Receives in turns while there is much to receive. To be woken costs more than to pass a packet on, and without this
 * each packet wakes the process when it comes and again when it is due to leave; a turn does both for all packets.
 */
export class ReceivePolling {
  readonly #options: ReceivePollingOptions;
  #cancelTurn: Undo | undefined;
  #windowStartedAt = 0;
  #received = 0;
  #turnEndedAt = 0;
  #receivedAt: number | undefined;

  constructor(options: ReceivePollingOptions) {
    this.#options = options;
  }

  /** Whether a turn is due within the interval. */
  get isActive(): boolean {
    return this.#cancelTurn !== undefined;
  }

  /** When the datagram that is being received came, on the clock's monotonic time; undefined outside of a turn. */
  get receivedAt(): number | undefined {
    return this.#receivedAt;
  }

  /** Notes a datagram that Node has read. */
  onDatagram(): void {
    if (this.isActive) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#windowStartedAt >= WINDOW_MS) this.#startWindow(now);
    if (++this.#received >= WORTH_POLLING) this.#start(now);
  }

  /** Idempotent. */
  close(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }

  #start(now: number): void {
    this.#startWindow(now);
    this.#turnEndedAt = now;
    for (const socket of this.#options.sockets) this.#setPolled(socket, true);
    this.#scheduleTurn(this.#options.intervalMs);
  }

  #stop(): void {
    this.close();
    for (const socket of this.#options.sockets) this.#setPolled(socket, false);
  }

  #setPolled(socket: PollableSocket, polled: boolean): void {
    const { descriptor } = socket;
    if (descriptor === undefined || !socket.setReading(!polled)) return;
    this.#options.reader.setStamping(descriptor, polled);
  }

  #scheduleTurn(delayMs: number): void {
    this.#cancelTurn = this.#options.clock.setTimeout(() => this.#turn(), delayMs);
  }

  #turn(): void {
    const { clock, sockets, intervalMs } = this.#options;
    let hasMore = false;
    for (const socket of sockets) if (this.#readAll(socket)) hasMore = true;
    const now = clock.monotonic();
    this.#turnEndedAt = now;
    this.#scheduleTurn(hasMore ? 0 : intervalMs);
    if (now - this.#windowStartedAt >= WINDOW_MS) {
      if (this.#received < NOT_WORTH_POLLING) this.#stop();
      this.#startWindow(now);
    }
    this.#options.onTurn(now);
  }

  /** @returns whether there may be more */
  #readAll(socket: PollableSocket): boolean {
    const { clock, reader } = this.#options;
    for (let reads = 0; reads < MAX_READS; reads++) {
      // What comes may have closed it.
      const { descriptor } = socket;
      if (descriptor === undefined) return false;
      const now = clock.monotonic();
      const hasMore = reader.read(descriptor, (data, from, ageMs) => this.#receive(socket, data, from, now - ageMs));
      if (!hasMore) return false;
    }
    return true;
  }

  #receive(socket: PollableSocket, data: Buffer, from: RemoteAddress, at: number): void {
    this.#received++;
    // Time does not run backwards for who was also called at the end of the last turn.
    this.#receivedAt = Math.max(at, this.#turnEndedAt);
    try {
      socket.receive(data, from);
    } finally {
      this.#receivedAt = undefined;
    }
  }

  #startWindow(now: number): void {
    this.#windowStartedAt = now;
    this.#received = 0;
  }
}
