import { MediaError, type SessionIdentity, type Undo, type WebRtcPluginManager, randomToken } from '@sluice/core';
import type { EventType } from '../schemas/event.ts';

/** Bounds of an {@link EventFeed}. */
export interface EventFeedLimits {
  /** Clients at the same time. */
  readonly maxClients: number;
  /** Events that are kept for clients that come back. */
  readonly maxReplay: number;
}

/** One event as clients are sent it. */
export interface FeedEvent {
  /** `<run>-<number>`: the numbers of another run of the server mean nothing here. */
  readonly id: string | undefined;
  readonly type: EventType;
  readonly text: string;
}

/** What the feed has counted. */
export interface EventFeedFigures {
  readonly clients: number;
  readonly told: number;
  readonly clientsCut: number;
  readonly clientsRefused: number;
}

/** The changes of one server, told to any number of clients, and kept for those that were away for a moment. */
export class EventFeed {
  readonly #now: () => number;
  readonly #run: string;
  readonly #clients = new Set<(event: FeedEvent) => void>();
  /** The oldest first; the number of the first one is `#told - length + 1`. */
  readonly #kept: FeedEvent[] = [];
  #limits: EventFeedLimits = { maxClients: 50, maxReplay: 1000 };
  #told = 0;
  #cut = 0;
  #refused = 0;

  constructor(manager: Pick<WebRtcPluginManager, 'hook'>, now: () => number = Date.now, run = randomToken().slice(0, 8)) {
    this.#now = now;
    this.#run = run;
    manager.hook('stream-changed', ({ stream, live }) => this.#tell('stream-changed', { stream, live }));
    manager.hook('session-opened', (session) => this.#tell('session-opened', identityOf(session)));
    manager.hook('session-state', ({ state, ...session }) => this.#tell('session-state', { ...identityOf(session), state }));
    manager.hook('session-closed', ({ reason, durationMs, bytesReceived, bytesSent, ...session }) =>
      this.#tell('session-closed', { ...identityOf(session), reason, durationMs, bytesReceived, bytesSent }),
    );
  }

  /** Bounds from now on; clients that are there stay. */
  limit(limits: EventFeedLimits): void {
    this.#limits = limits;
  }

  get figures(): EventFeedFigures {
    return { clients: this.#clients.size, told: this.#told, clientsCut: this.#cut, clientsRefused: this.#refused };
  }

  /** A client was too slow to be told any more. */
  countCut(): void {
    this.#cut += 1;
  }

  /**
   * Tells a client what it has missed, and everything from now on.
   * @param lastId of the event that it had last
   * @throws MediaError EVENT_CLIENT_LIMIT
   */
  subscribe(client: (event: FeedEvent) => void, lastId: string | undefined): Undo {
    const { maxClients } = this.#limits;
    if (this.#clients.size >= maxClients) {
      this.#refused += 1;
      throw new MediaError('EVENT_CLIENT_LIMIT', `The server tells its events to ${maxClients} clients already (http.maxEventClients).`);
    }
    for (const event of this.#missed(lastId)) client(event);
    this.#clients.add(client);
    return () => void this.#clients.delete(client);
  }

  #missed(lastId: string | undefined): readonly FeedEvent[] {
    if (lastId === undefined || lastId === '') return [];
    // The run may have a hyphen of its own.
    const hyphen = lastId.lastIndexOf('-');
    const run = lastId.slice(0, Math.max(0, hyphen));
    const behind = this.#told - Number(lastId.slice(hyphen + 1));
    const isKnown = run === this.#run && behind >= 0 && behind <= this.#kept.length;
    if (!isKnown) return [{ id: undefined, type: 'missed', text: JSON.stringify({ at: this.#now() }) }];
    return behind === 0 ? [] : this.#kept.slice(-behind);
  }

  #tell(type: EventType, data: object): void {
    this.#told += 1;
    const event = { id: `${this.#run}-${this.#told}`, type, text: JSON.stringify({ at: this.#now(), ...data }) };
    this.#kept.push(event);
    this.#kept.splice(0, Math.max(0, this.#kept.length - this.#limits.maxReplay));
    for (const client of this.#clients) client(event);
  }
}

/** Without the query, which may hold a secret. */
function identityOf({ sessionId, type, plugin, role, stream, protocol, remote }: SessionIdentity) {
  return { sessionId, type, plugin, role, stream, protocol, client: { address: remote.address, port: remote.port } };
}
