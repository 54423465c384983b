import { hash } from 'node:crypto';
import { type HandshakeMessage, serializeHandshake } from './message.ts';

/** The messages of both sides so far, in order (RFC 6347 section 4.2.6), and the numbers of ours. */
export class Transcript {
  #messages: Buffer[] = [];
  #nextSequence = 0;

  /** Takes a message of the peer. */
  received(message: HandshakeMessage): void {
    this.#messages.push(serializeHandshake(message));
  }

  /** Numbers a message of ours. @returns it with its header */
  sending(type: number, body: Buffer): Buffer {
    const bytes = serializeHandshake({ type, sequence: this.#nextSequence, body });
    this.#nextSequence += 1;
    this.#messages.push(bytes);
    return bytes;
  }

  /** Forgets a hello that was answered by a HelloVerifyRequest (RFC 6347 section 4.2.1); numbers go on. */
  restart(): void {
    this.#messages = [];
  }

  bytes(): Buffer {
    return Buffer.concat(this.#messages);
  }

  /** SHA-256, which our cipher suites have as hash. */
  hash(): Buffer {
    return hash('sha256', this.bytes(), 'buffer');
  }
}
