import { type JsonObject, parseJsonObject } from '../web-socket/json-object.ts';
import type { WebSocketConstructor } from '../web-socket/web-socket-like.ts';
import { FakeWebSocket } from './fake-web-socket.ts';

/** One client of a {@link LogHub}. */
interface HubClient {
  readonly id: string;
  readonly role: unknown;
  readonly metadata: unknown;
  /** Producers that it has subscribed to; undefined for all. */
  wanted: ReadonlySet<unknown> | undefined;
  tell(message: JsonObject): void;
}

/** The server's side of the log dialect, as far as clients see it. */
export class LogHub {
  readonly #clients = new Map<string, HubClient>();
  readonly #refusal: JsonObject | undefined;

  /** @param refusal what it answers to everybody who registers */
  constructor(refusal?: JsonObject) {
    this.#refusal = refusal;
  }

  /** A connection that sends with `tell`; gives what receives, and what ends it. */
  connect(tell: (message: JsonObject) => void): { receive(text: string): void; end(): void } {
    let own: HubClient | undefined;
    return {
      receive: (text) => {
        const message = parseJsonObject(text) ?? {};
        if (this.#refusal) tell(this.#refusal);
        else if (message['type'] === 'register') own = this.#register(message, tell);
        else if (message['type'] === 'list_producers') tell(this.#list());
        else if (own && String(message['type']).endsWith('subscribe')) this.#subscribe(own, message);
        else if (own) this.#relay(own, message);
      },
      end: () => {
        if (own && this.#clients.get(own.id) === own) this.#leave(own);
      },
    };
  }

  #register({ client_id: id, role, metadata, subscribe }: JsonObject, tell: HubClient['tell']): HubClient {
    const client: HubClient = { id: String(id), role, metadata, tell, wanted: Array.isArray(subscribe) ? new Set(subscribe) : undefined };
    this.#clients.set(client.id, client);
    tell({ type: 'registered', role, client_id: id });
    if (role === 'consumer') tell(this.#list());
    for (const other of this.#clients.values()) {
      const [producer, consumer] = role === 'producer' ? [client, other] : [other, client];
      if (producer.role !== 'producer' || consumer.role !== 'consumer') continue;
      if (role === 'producer') consumer.tell({ type: 'producer_connected', ...describe(producer) });
      if (isPair(producer, consumer)) producer.tell({ type: 'consumer_connected', consumer_id: consumer.id });
    }
    return client;
  }

  #subscribe(consumer: HubClient, { type, producers }: JsonObject): void {
    const all = [...this.#clients.values()].filter(({ role }) => role === 'producer');
    const before = new Set(all.filter((producer) => isPair(producer, consumer)));
    consumer.wanted = type === 'unsubscribe' ? new Set() : Array.isArray(producers) ? new Set(producers) : undefined;
    for (const producer of all) {
      const isNow = isPair(producer, consumer);
      if (isNow !== before.has(producer)) producer.tell({ type: isNow ? 'consumer_connected' : 'consumer_disconnected', consumer_id: consumer.id });
    }
  }

  #relay(from: HubClient, message: JsonObject): void {
    const { to, ...rest } = message;
    const target = this.#clients.get(String(to));
    if (target) target.tell({ ...rest, from: from.id });
    else from.tell({ type: 'error', code: 'unknown_target', message: 'Nobody.' });
  }

  #leave(client: HubClient): void {
    this.#clients.delete(client.id);
    for (const other of this.#clients.values()) {
      if (other.role !== client.role) other.tell(client.role === 'producer' ? { type: 'producer_disconnected', producer_id: client.id } : { type: 'consumer_disconnected', consumer_id: client.id });
    }
  }

  #list(): JsonObject {
    const producers = [...this.#clients.values()].filter(({ role }) => role === 'producer');
    return { type: 'producer_list', producers: producers.map(describe) };
  }
}

/** A {@link LogHub} behind fake WebSockets, that can be killed and started again. */
export class FakeLogServer {
  readonly webSocket: WebSocketConstructor;
  #hub: LogHub | undefined = new LogHub();
  readonly #ends = new Set<() => void>();

  constructor() {
    const connect = (socket: FakeWebSocket): void => queueMicrotask(() => this.#connect(socket));
    this.webSocket = class extends FakeWebSocket {
      constructor(url: string) {
        super(url);
        connect(this);
      }
    };
  }

  kill(): void {
    this.#hub = undefined;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  /** @param refusal what it answers to everybody who registers */
  start(refusal?: JsonObject): void {
    this.#hub = new LogHub(refusal);
  }

  #connect(socket: FakeWebSocket): void {
    const connection = this.#hub?.connect((message) => queueMicrotask(() => socket.readyState === 1 && socket.receive(message)));
    if (!connection) return socket.end();
    const end = (): void => {
      connection.end();
      socket.end();
    };
    this.#ends.add(end);
    socket.send = (text) => queueMicrotask(() => connection.receive(text));
    socket.close = (code) => {
      this.#ends.delete(end);
      connection.end();
      socket.end(code);
    };
    socket.accept();
  }
}

function describe({ id, metadata }: HubClient): JsonObject {
  return { producer_id: id, system_name: id, metadata };
}

function isPair(producer: HubClient, consumer: HubClient): boolean {
  return consumer.wanted?.has(producer.id) ?? true;
}
