import { type Undo, randomToken, safeEqual } from '@sluice/core';
import type { PeerSocket } from './peer-socket.ts';
import type { Scalar } from './protocol/envelope.ts';
import type { PeerSessions } from './sessions/peer-sessions.ts';

/** A client that has said hello. It outlives its connection for a while, so that its next one can go on with its sessions. */
export class Peer {
  /** With the JSON type that the client gave it. */
  readonly id: Scalar;
  /** Names it among those that may come back; no secret. */
  readonly name = randomToken();
  readonly sessions: PeerSessions;
  /** Undefined while its connection is broken. */
  socket: PeerSocket | undefined;
  /** Of the time in which it may come back. */
  cancelGrace: Undo | undefined;
  readonly #secret = randomToken();

  constructor(id: Scalar, sessions: PeerSessions) {
    this.id = id;
    this.sessions = sessions;
  }

  /** What the client must bring to get its sessions back. */
  get resumeToken(): string {
    return `${this.name}.${this.#secret}`;
  }

  isResumedBy(token: string): boolean {
    return safeEqual(token, this.resumeToken);
  }
}

/** The name of the peer that a resume token is of. */
export function nameIn(resumeToken: string): string {
  return resumeToken.split('.', 1)[0] ?? '';
}
