import { type Clock, type JsonMessage, type Logger, type Undo, type WebSocketConnection, bringsToken, isPrintable, parseJsonMessage, withSender } from '@sluice/core';
import type { RelaySettings } from './options.ts';

/** Members that only the relay reads. */
const REMOVED = ['target_id'];

/** What clients are told in `code` of an error. */
export type RelayErrorCode = 'bad_message' | 'not_registered' | 'bad_client_id' | 'already_registered' | 'duplicate_client_id' | 'unknown_target' | 'target_busy' | 'token_incorrect';

/** What {@link Relay} takes. */
export interface RelayHost {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly settings: Pick<RelaySettings, 'token' | 'registerTimeoutMs' | 'probeTimeoutMs'>;
}

interface Client {
  readonly connection: WebSocketConnection;
  id: string | undefined;
  /** It waits for a probe of the one who has its id. */
  isProbing: boolean;
  isClosed: boolean;
  cancelTimeout: Undo;
}

/** Hands messages from one registered client to another, or to all others. */
export class Relay {
  readonly counters = { relayed: 0, dropped: 0, refused: 0, errors: new Map<RelayErrorCode, number>() };
  readonly #host: RelayHost;
  #settings: RelayHost['settings'];
  readonly #open = new Set<Client>();
  readonly #registered = new Map<string, Client>();

  constructor(host: RelayHost) {
    this.#host = host;
    this.#settings = host.settings;
  }

  /** Clients that are registered stay so. */
  configure(settings: RelayHost['settings']): void {
    this.#settings = settings;
  }

  /** Registered clients. */
  get size(): number {
    return this.#registered.size;
  }

  open(connection: WebSocketConnection): void {
    const { registerTimeoutMs } = this.#settings;
    const cancelTimeout = this.#host.clock.setTimeout(() => connection.close(1008, `Register within ${registerTimeoutMs} ms.`), registerTimeoutMs);
    const client: Client = { connection, id: undefined, isProbing: false, isClosed: false, cancelTimeout };
    this.#open.add(client);
    connection.onMessage((text) => this.#receive(client, text));
    connection.onClose(() => this.#closed(client));
  }

  countRefused(): void {
    this.counters.refused += 1;
  }

  close(): void {
    for (const { connection } of this.#open) connection.close(1001, 'The relay is closing.');
  }

  #receive(client: Client, text: string): void {
    const message = parseJsonMessage(text);
    if (!message) return this.#refuse(client, 'bad_message', 'Send one JSON object per message.');
    if (message['type'] === 'register') return this.#register(client, message);
    if (client.id === undefined) return this.#refuse(client, 'not_registered', 'Send {"type":"register","client_id":"…"} first, and wait for "registered".');
    const target = message['target_id'];
    if (target !== undefined && target !== null && target !== '') return this.#sendTo(client, { target, message, text });
    if (message['type'] === 'list_clients') return this.#tell(client, { type: 'clients', clients: [...this.#registered.keys()] });
    this.#broadcast(client, { message, text });
  }

  #register(client: Client, { client_id: id, token }: JsonMessage): void {
    if (!isPrintable(id)) return this.#refuse(client, 'bad_client_id', 'client_id must be a text of 1 to 128 printable characters.');
    if (!bringsToken(client.connection, this.#settings.token, token)) {
      this.#refuse(client, 'token_incorrect', 'Bring the token of this relay as "token" of the register message, as ?token= or as Authorization: Bearer.');
      return client.connection.close(1008, 'The token is missing or wrong.');
    }
    if (client.id !== undefined && client.id !== id) return this.#refuse(client, 'already_registered', `This connection is registered as ${client.id}; open another one for another id.`);
    if (client.isProbing) return this.#refuse(client, 'already_registered', 'This connection is about to be registered; wait for the answer.');
    const holder = this.#registered.get(id);
    if (holder && holder !== client) return void this.#takeOver(client, { id, holder });
    this.#enter(client, id);
  }

  /** The one who has the id keeps it as long as it answers. */
  async #takeOver(client: Client, { id, holder }: { id: string; holder: Client }): Promise<void> {
    client.isProbing = true;
    const isAlive = await holder.connection.probe(this.#settings.probeTimeoutMs);
    client.isProbing = false;
    if (client.isClosed) return;
    const current = this.#registered.get(id);
    // Meanwhile the holder may have gone, and another may have come before.
    if (current && (isAlive || current !== holder)) return this.#refuse(client, 'duplicate_client_id', `${id} is registered by another client, which is alive; choose another client_id.`);
    holder.connection.close(1008, 'Another client took over this id, because this one did not answer.');
    this.#leave(holder);
    this.#enter(client, id);
  }

  #enter(client: Client, id: string): void {
    client.cancelTimeout();
    if (client.id === undefined) this.#host.logger.info({ clientId: id, clients: this.size + 1 }, `Client registered: ${id}`);
    client.id = id;
    this.#registered.set(id, client);
    this.#tell(client, { type: 'registered', client_id: id });
  }

  #sendTo(client: Client, { target, message, text }: { target: unknown; message: JsonMessage; text: string }): void {
    const receiver = typeof target === 'string' ? this.#registered.get(target) : undefined;
    if (!receiver) return this.#refuse(client, 'unknown_target', 'No client is registered with this target_id.', typeof target === 'string' ? { target_id: target } : {});
    if (!this.#hand(receiver, withSender(text, client.id ?? '', REMOVED))) {
      return this.#refuse(client, 'target_busy', 'The target does not read fast enough; this message was dropped.', { target_id: target });
    }
    this.#host.logger.debug(`Message sent to ${String(target)}: ${typeOf(message)}`);
  }

  #broadcast(client: Client, { message, text }: { message: JsonMessage; text: string }): void {
    const outgoing = withSender(text, client.id ?? '', REMOVED);
    let dropped = 0;
    for (const receiver of this.#registered.values()) {
      if (receiver !== client && !this.#hand(receiver, outgoing)) dropped += 1;
    }
    if (dropped > 0) this.#refuse(client, 'target_busy', `${dropped} clients do not read fast enough; they did not get this message.`, { dropped });
    this.#host.logger.debug(`Message sent to all others: ${typeOf(message)}`);
  }

  #hand({ connection }: Client, text: string): boolean {
    const isSent = connection.send(text);
    if (isSent) this.counters.relayed += 1;
    else this.counters.dropped += 1;
    return isSent;
  }

  #refuse(client: Client, code: RelayErrorCode, message: string, details: JsonMessage = {}): void {
    this.counters.errors.set(code, (this.counters.errors.get(code) ?? 0) + 1);
    this.#tell(client, { type: 'error', code, message, ...details });
  }

  /** A client that does not read even what it asked for is counted, and has nothing more to wait for. */
  #tell({ connection }: Client, message: JsonMessage): void {
    if (!connection.send(JSON.stringify(message))) this.counters.dropped += 1;
  }

  #closed(client: Client): void {
    client.isClosed = true;
    client.cancelTimeout();
    this.#open.delete(client);
    this.#leave(client);
  }

  #leave(client: Client): void {
    if (client.id === undefined || this.#registered.get(client.id) !== client) return;
    this.#registered.delete(client.id);
    this.#host.logger.info({ clientId: client.id, clients: this.size }, `Client unregistered: ${client.id}`);
  }
}

function typeOf({ type }: JsonMessage): string {
  return isPrintable(type) ? type : 'unknown';
}
