import type { Socket } from 'node:net';
import type { Clock, Undo } from '@sluice/core';
import type { PeerAddress, PeerConnection } from '../udp/peer-address.ts';
import { FrameReader, MAX_LENGTH, encodeFrame } from './framing.ts';
import type { TcpCounters } from './tcp-counters.ts';

/** From our FIN until the connection is cut, whether or not the peer has answered it. */
const LINGER_MS = 500;

/** What a {@link TcpConnection} needs from its owner. */
export interface TcpConnectionOptions {
  readonly clock: Clock;
  readonly counters: TcpCounters;
  readonly maxSendQueueBytes: number;
  readonly verifyTimeoutMs: number;
  /** Gets every frame, which is its to keep; must not throw. */
  onPacket(data: Buffer, from: PeerAddress): void;
  /** The connection is gone, for whatever reason; called once. */
  onClosed(address: PeerAddress): void;
}

/** One connection that a peer has opened to us, the passive side (RFC 6544 section 4.1). */
export class TcpConnection implements PeerConnection {
  readonly #socket: Socket;
  readonly #options: TcpConnectionOptions;
  readonly #address: PeerAddress;
  readonly #frames = new FrameReader((frame) => this.#onFrame(frame));
  #cancelDeadline: Undo;
  #isVerified = false;
  #isClosing = false;

  /** @param remote the far end of `socket` */
  constructor(socket: Socket, remote: { readonly address: string; readonly port: number }, options: TcpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#address = { ...remote, connection: this };
    this.#cancelDeadline = options.clock.setTimeout(() => this.#cut('notVerified'), options.verifyTimeoutMs);
    socket.on('data', (chunk) => this.#onData(chunk));
    // What the system reports ends the connection, and 'close' follows.
    socket.on('error', () => void options.counters.socketErrors++);
    socket.on('close', () => {
      this.#isClosing = true;
      this.#cancelDeadline();
      options.onClosed(this.#address);
    });
  }

  send(data: Uint8Array): boolean {
    const { counters, maxSendQueueBytes } = this.#options;
    if (this.#isClosing || !this.#socket.writable) return drop(counters, 'closed');
    if (data.length > MAX_LENGTH) return drop(counters, 'tooLong');
    if (this.#socket.writableLength > maxSendQueueBytes) return drop(counters, 'queueFull');
    this.#socket.write(encodeFrame(data));
    counters.sent++;
    return true;
  }

  verified(): void {
    if (this.#isVerified || this.#isClosing) return;
    this.#isVerified = true;
    this.#cancelDeadline();
  }

  /** Sends what waits, then closes; a peer that does not close its side is cut off. */
  close(): void {
    if (this.#isClosing) return;
    if (!this.#isVerified) {
      this.destroy();
      return;
    }
    this.#isClosing = true;
    // Data still flows in and is thrown away: closing with some unread would reset the connection under our last words.
    this.#socket.end();
    this.#cancelDeadline = this.#options.clock.setTimeout(() => this.#socket.destroy(), LINGER_MS);
  }

  /** Closes at once; nothing more is read or sent. */
  destroy(): void {
    this.#isClosing = true;
    this.#cancelDeadline();
    this.#socket.destroy();
  }

  #onData(chunk: Buffer | string): void {
    // It is text only of a socket with an encoding, and ours has none.
    if (this.#isClosing || typeof chunk === 'string') return;
    if (!this.#frames.read(chunk)) this.#cut('oversizeFrame');
  }

  #onFrame(frame: Buffer): void {
    // A frame before this one may have ended the session and the connection with it.
    if (this.#isClosing) return;
    this.#options.counters.received++;
    this.#options.onPacket(frame, this.#address);
  }

  #cut(reason: keyof TcpCounters['cut']): void {
    this.#options.counters.cut[reason]++;
    this.destroy();
  }
}

function drop(counters: TcpCounters, reason: keyof TcpCounters['dropped']): false {
  counters.dropped[reason]++;
  return false;
}
