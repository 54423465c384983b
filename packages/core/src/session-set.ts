import type { Undo } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { TransportDiagnosis } from './diagnosis.ts';
import { EndedSessions } from './ended-sessions.ts';
import { MediaError } from './errors.ts';
import { blame } from './failures.ts';
import type { SessionIdentity, SessionStateChange, SessionSummary } from './hook-points.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { TransportState, TransportStats } from './media.ts';
import type { SessionLifetime } from './session-lifetime.ts';
import type { EndedSession, SessionRecord, Sessions, WebRtcSession } from './session.ts';
import { type CloseCause, SessionStatistics, causeOfOwnEnd } from './session-statistics.ts';
import { safeEqual } from './tokens.ts';

export interface SessionSetOptions {
  readonly settings: ManagerSettings;
  readonly events: SessionEvents;
}

/** Who must know what becomes of a session that was added; none of these may throw. */
export interface SessionEvents {
  onOpened(session: SessionIdentity): void;
  onState(change: SessionStateChange): void;
  /** Called once. */
  onEnded(summary: SessionSummary): void;
}

/** The reason that front doors give for a client that ends its own session. */
const DELETED_BY_CLIENT = 'deleted by its client';

interface Entry {
  readonly record: SessionRecord;
  readonly openedAt: number;
  /** Taken back when the session has ended. */
  readonly undos: Undo[];
  /** Taken before we close it. */
  stats: TransportStats | undefined;
  closing: Promise<void> | undefined;
  /** Why we close it; undefined when it ends by itself. */
  cause: CloseCause | undefined;
  connected: boolean;
  ended: boolean;
}

/** The open sessions of one manager; a session that closes by itself leaves. */
export class SessionSet implements Sessions {
  readonly #options: SessionSetOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #ended: EndedSessions;
  /** Open sessions and negotiations under way, per address. */
  readonly #perAddress = new Map<string, number>();
  readonly statistics = new SessionStatistics();
  #underWay = 0;
  #opened = 0;
  #refused = 0;

  constructor(options: SessionSetOptions) {
    this.#options = options;
    this.#ended = new EndedSessions(options.settings);
  }

  get size(): number {
    return this.#entries.size;
  }

  get opened(): number {
    return this.#opened;
  }

  get refused(): number {
    return this.#refused;
  }

  list(): readonly SessionRecord[] {
    return Array.from(this.#entries.values(), (entry) => entry.record);
  }

  find(id: string): SessionRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  listEnded(): readonly EndedSession[] {
    return this.#ended.list();
  }

  findEnded(id: string): EndedSession | undefined {
    return this.#ended.find(id);
  }

  authorise(id: string, token: string): SessionRecord {
    const record = this.find(id);
    if (!record) throw notFound();
    if (!safeEqual(token, record.token)) {
      throw new MediaError('TOKEN_INCORRECT', 'The token does not belong to this session.');
    }
    return record;
  }

  /**
   * Holds a place for a negotiation, so that many at once cannot pass the limits together.
   * An empty address (a host that does not say where requests come from) has no limit of its own.
   * @throws MediaError SESSION_LIMIT
   */
  reserve(address: string): Undo {
    const { maxSessions, maxSessionsPerAddress } = this.#options.settings.limits;
    if (this.#entries.size + this.#underWay >= maxSessions) {
      throw this.#refuse(`The server has reached its limit of ${maxSessions} sessions.`);
    }
    if (address !== '' && (this.#perAddress.get(address) ?? 0) >= maxSessionsPerAddress) {
      throw this.#refuse(`Your address has reached its limit of ${maxSessionsPerAddress} sessions.`);
    }
    this.#underWay += 1;
    const leaveAddress = this.#countAddress(address);
    return once(() => {
      this.#underWay -= 1;
      leaveAddress();
    });
  }

  /** Takes an answered session in, until it closes or its lifetime is over. */
  add(record: SessionRecord, lifetime: SessionLifetime): void {
    const { settings: { clock }, events } = this.#options;
    const undos = [this.#countAddress(record.remote.address)];
    const entry: Entry = { record, openedAt: clock.monotonic(), undos, stats: undefined, closing: undefined, cause: undefined, connected: false, ended: false };
    this.#entries.set(record.id, entry);
    this.#opened += 1;
    this.statistics.open(record.role);
    events.onOpened(identityOf(record));
    const undoState = record.session.onState?.((state) => this.#tellState(entry, state));
    if (undoState) undos.push(undoState);
    undos.push(record.session.onClosed((reason) => this.#end(entry, reason)));
    undos.push(lifetime.start((reason) => this.#expire(entry, reason)));
  }

  /**
   * Closes a session. It has left the set afterwards, also when its plugin fails to close it.
   * @throws MediaError SESSION_NOT_FOUND, PLUGIN_FAILED, PLUGIN_TIMEOUT
   */
  async close(id: string, reason: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) throw notFound();
    await this.#close(entry, reason, causeOfRequest(reason));
  }

  /** Closes all sessions that `which` chooses, at the same time, and gives what failed. */
  async closeAll(reason: string, cause: CloseCause, which: (record: SessionRecord) => boolean = () => true): Promise<readonly unknown[]> {
    const chosen = [...this.#entries.values()].filter((entry) => which(entry.record));
    const results = await Promise.allSettled(chosen.map((entry) => this.#close(entry, reason, cause)));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  #close(entry: Entry, reason: string, cause: CloseCause): Promise<void> {
    entry.cause ??= cause;
    entry.closing ??= this.#closeOnce(entry, reason);
    return entry.closing;
  }

  async #closeOnce(entry: Entry, reason: string): Promise<void> {
    const { plugin, session } = entry.record;
    entry.stats = statsOf(session);
    try {
      await closeSession(this.#options.settings, session, reason, plugin);
    } finally {
      this.#end(entry, reason);
    }
  }

  #expire(entry: Entry, reason: string): void {
    this.#close(entry, reason, 'access').catch((error: unknown) => {
      this.#options.settings.logger.error({ err: error, session: entry.record.id }, 'Session failed to close at the end of its lifetime');
    });
  }

  #end(entry: Entry, reason: string): void {
    if (entry.ended) return;
    entry.ended = true;
    this.#entries.delete(entry.record.id);
    for (const undo of entry.undos) undo();
    entry.stats ??= statsOf(entry.record.session);
    this.statistics.close(entry.record.role, entry.cause ?? causeOfOwnEnd(reason));
    this.#ended.add(this.#remember(entry, reason));
    const summary = this.#summarise(entry, reason);
    this.#logEnded(summary);
    this.#options.events.onEnded(summary);
  }

  #logEnded({ sessionId, role, type, stream, reason, durationMs, bytesReceived, bytesSent }: SessionSummary): void {
    const where = stream ? `${stream.app}/${stream.stream}` : type;
    const fields = { session: sessionId, durationMs: Math.round(durationMs), bytesReceived, bytesSent };
    this.#options.settings.logger.info(fields, `Session ended: ${role} of ${where}: ${reason}`);
  }

  #remember({ record, stats }: Entry, reason: string): EndedSession {
    const { token: _secret, session, ...rest } = record;
    return { ...rest, endedAt: this.#options.settings.clock.now(), reason, stats, diagnosis: diagnosisOf(session) };
  }

  #summarise({ record, openedAt, stats }: Entry, reason: string): SessionSummary {
    const durationMs = this.#options.settings.clock.monotonic() - openedAt;
    return { ...identityOf(record), reason, durationMs, bytesReceived: stats?.bytesReceived ?? 0, bytesSent: stats?.bytesSent ?? 0 };
  }

  #tellState(entry: Entry, state: TransportState): void {
    const { record } = entry;
    if (state === 'connected' && !entry.connected) {
      entry.connected = true;
      this.statistics.connect(this.#options.settings.clock.monotonic() - entry.openedAt);
    }
    if (state === 'connected' || state === 'disconnected') this.#options.events.onState({ ...identityOf(record), state });
  }

  #countAddress(address: string): Undo {
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    return () => {
      const left = (this.#perAddress.get(address) ?? 0) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    };
  }

  #refuse(message: string): MediaError {
    this.#refused += 1;
    return new MediaError('SESSION_LIMIT', message);
  }
}

/** Closes one session under its deadline. */
export async function closeSession(
  { clock, timeouts: { closeMs } }: Pick<ManagerSettings, 'clock' | 'timeouts'>,
  session: WebRtcSession,
  reason: string,
  plugin: string,
): Promise<void> {
  const expired = (): MediaError =>
    new MediaError('PLUGIN_TIMEOUT', `A session of ${plugin} did not close within ${closeMs} ms.`, { plugin });
  try {
    await withDeadline(clock, { ms: closeMs, expired }, () => session.close(reason));
  } catch (error) {
    throw blame(error, plugin, 'PLUGIN_FAILED', `A session of ${plugin} failed to close.`);
  }
}

function once(task: () => void): Undo {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    task();
  };
}

/** Who closes a session from outside may say what has become of its peer. */
function causeOfRequest(reason: string): CloseCause {
  if (reason === DELETED_BY_CLIENT) return 'client';
  const own = causeOfOwnEnd(reason);
  return own === 'other' ? 'operator' : own;
}

function identityOf({ id, type, plugin, role, stream, protocol, query, remote }: SessionRecord): SessionIdentity {
  return { sessionId: id, type, plugin, role, stream, protocol, query, remote };
}

/** Statistics are foreign code too; an end without them is better than none. */
function statsOf(session: WebRtcSession): TransportStats | undefined {
  try {
    return session.stats?.();
  } catch {
    return undefined;
  }
}

function diagnosisOf(session: WebRtcSession): TransportDiagnosis | undefined {
  try {
    return session.diagnosis?.();
  } catch {
    return undefined;
  }
}

function notFound(): MediaError {
  return new MediaError('SESSION_NOT_FOUND', 'There is no session with this id; it may have ended.');
}
