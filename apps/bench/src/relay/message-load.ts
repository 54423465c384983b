import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** As long as a candidate of a browser. */
const PADDING = 'x'.repeat(120);
const DRAIN_MS = 5_000;
/** More at a time than the kernel's queue of connections holds would be refused. */
const CONNECTING_AT_ONCE = 100;

/** What came of a run. */
export interface MessageRun {
  /** From `send` to the message event, milliseconds. */
  readonly latencies: readonly number[];
  readonly seconds: number;
}

/** Clients of which each has one message under way: to its neighbour through a relay, or to itself by an echo. */
export class MessageLoad {
  readonly #clients: readonly WebSocket[];
  readonly #isRelayed: boolean;
  #latencies: number[] = [];
  #underWay = 0;
  #isRunning = false;

  private constructor(clients: readonly WebSocket[], isRelayed: boolean) {
    this.#clients = clients;
    this.#isRelayed = isRelayed;
    for (const [index, client] of clients.entries()) client.on('message', (data) => this.#received(index, Buffer.isBuffer(data) ? data.toString('utf8') : ''));
  }

  /** @param count even, when the server relays */
  static async connect(url: string, count: number, isRelayed: boolean): Promise<MessageLoad> {
    const clients: WebSocket[] = [];
    while (clients.length < count) {
      const size = Math.min(CONNECTING_AT_ONCE, count - clients.length);
      clients.push(...(await Promise.all(Array.from({ length: size }, (_, index) => connect(url, isRelayed ? `c${clients.length + index}` : undefined)))));
    }
    return new MessageLoad(clients, isRelayed);
  }

  async run(seconds: number): Promise<MessageRun> {
    this.#latencies = [];
    this.#isRunning = true;
    const startedAt = performance.now();
    for (const index of this.#clients.keys()) this.#send(index);
    await delay(seconds * 1000);
    this.#isRunning = false;
    const elapsed = (performance.now() - startedAt) / 1000;
    const latencies = this.#latencies;
    const deadline = performance.now() + DRAIN_MS;
    while (this.#underWay > 0 && performance.now() < deadline) await delay(5);
    if (this.#underWay > 0) throw new Error(`${this.#underWay} messages did not arrive.`);
    return { latencies, seconds: elapsed };
  }

  close(): void {
    for (const client of this.#clients) client.terminate();
  }

  #send(index: number): void {
    this.#underWay += 1;
    // Clients 0 and 1 are neighbours, 2 and 3, and so on.
    const target = this.#isRelayed ? { target_id: `c${index ^ 1}` } : {};
    this.#clients[index]?.send(JSON.stringify({ type: 'candidate', ...target, sentAt: performance.now(), candidate: PADDING }));
  }

  #received(index: number, text: string): void {
    const message: { readonly sentAt: number } = JSON.parse(text);
    this.#underWay -= 1;
    if (!this.#isRunning) return;
    this.#latencies.push(performance.now() - message.sentAt);
    this.#send(index);
  }
}

async function connect(url: string, id: string | undefined): Promise<WebSocket> {
  const client = new WebSocket(`${url}/relay`, { perMessageDeflate: false });
  await once(client, 'open');
  if (id === undefined) return client;
  client.send(JSON.stringify({ type: 'register', client_id: id }));
  await once(client, 'message');
  return client;
}
