import type { Undo } from './clock.ts';
import type { TransportDiagnosis } from './diagnosis.ts';
import type { Awaitable } from './hook-points.ts';
import type { IceFragment, IceGeneration, RemoteAddress, TransportState, TransportStats } from './media.ts';
import type { StreamKey } from './stream-key.ts';

/** One negotiated peer, made by a plugin's `negotiate`. */
export interface WebRtcSession {
  readonly closed: boolean;
  /** Called once by the manager, after the listener has agreed. */
  createAnswer(offer: string, signal: AbortSignal): Promise<string>;
  /** The same when the client waits for an offer; absent = the session makes none. */
  createOffer?(signal: AbortSignal): Promise<string>;
  /** Takes the answer to {@link createOffer}. When it throws, nothing has changed and another answer may come. */
  acceptAnswer?(answer: string): Awaitable<void>;
  /** Takes trickled candidates; absent = the session takes none. */
  trickle?(fragment: IceFragment): Awaitable<void>;
  /**
   * The peer's current ICE username fragment. A trickled fragment with another one asks for
   * an ICE restart (RFC 8840 section 4.4); while this is undefined none is recognised.
   */
  readonly remoteUsernameFragment?: string | undefined;
  /**
   * Restarts ICE and gives our half of the new generation; absent = the session cannot.
   * A restart that fails must leave the session as it was.
   */
  restartIce?(remote: IceGeneration): Awaitable<IceGeneration>;
  stats?(): TransportStats;
  /** Why the peer is connected or not; absent = the session has no peer connection. */
  diagnosis?(): TransportDiagnosis;
  /** Tells every change of the peer connection's state; absent = the session has no peer connection. */
  onState?(listener: (state: TransportState) => void): Undo;
  /** Called once, also when the session closes by itself; at once when it is closed already. */
  onClosed(listener: (reason: string) => void): Undo;
  /** Idempotent. */
  close(reason?: string): Promise<void>;
}

/** What the access hooks have granted a session. No secret is in it, and a renewal changes it in place. */
export interface SessionGrant {
  /** Wall clock, milliseconds: when the session is closed; undefined = it may stay. */
  readonly endsAt: number | undefined;
  /** Wall clock, milliseconds: when the hooks are asked again; undefined = never. */
  readonly renewsAt: number | undefined;
  /** Readers that the stream may have for this viewer, or for any of this publisher, to become one; undefined = any number. */
  readonly maxReaders: number | undefined;
  /** Whether messages of this viewer may reach the publisher; undefined = nobody has said anything, so they may. */
  readonly control: boolean | undefined;
  /** Who it is, when a hook knows that better than by its credentials. */
  readonly identity: string | undefined;
}

/** A session as the manager keeps it. */
export interface SessionRecord {
  /** Unguessable, 128 bits. */
  readonly id: string;
  /** Unguessable, 128 bits; whoever has it may close the session. */
  readonly token: string;
  readonly type: string;
  readonly plugin: string;
  readonly role: 'publisher' | 'viewer' | 'other';
  /** Undefined for types without a stream, such as echo. */
  readonly stream: StreamKey | undefined;
  readonly protocol: string;
  readonly query: string;
  readonly remote: RemoteAddress;
  /** Wall clock, milliseconds. */
  readonly createdAt: number;
  readonly grant: SessionGrant;
  readonly session: WebRtcSession;
}

/** What is kept of a session for a while after its end. */
export interface EndedSession extends Omit<SessionRecord, 'token' | 'session'> {
  /** Wall clock, milliseconds. */
  readonly endedAt: number;
  readonly reason: string;
  readonly stats: TransportStats | undefined;
  readonly diagnosis: TransportDiagnosis | undefined;
}

/** All open sessions of one manager. */
export interface Sessions {
  readonly size: number;
  list(): readonly SessionRecord[];
  find(id: string): SessionRecord | undefined;
  /** Sessions that ended lately, the last one first; `limits.maxEndedSessions` and `limits.endedSessionMs` bound them. */
  listEnded(): readonly EndedSession[];
  findEnded(id: string): EndedSession | undefined;
  /**
   * The session, when the token is its own (compared in constant time).
   * @throws MediaError SESSION_NOT_FOUND, TOKEN_INCORRECT
   */
  authorise(id: string, token: string): SessionRecord;
}
