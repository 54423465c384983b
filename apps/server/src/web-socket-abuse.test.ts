import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const IDLE_CLIENTS = 2_000;
const MIB = 1_048_576;

/** A dialect, as far as it takes to be a good client of it. */
interface Dialect {
  readonly path: string;
  /** What makes a client with this id known. */
  readonly greeting: (id: string) => object;
  readonly greeted: string;
  /** What a client may do all day, and the type of its answer. */
  readonly work: (id: string) => object;
  readonly worked: string;
  /** Where an error has its code. */
  readonly codeOf: (message: Message) => string | undefined;
}

interface Message {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const DIALECTS: readonly Dialect[] = [
  {
    path: '/ws',
    greeting: (id) => ({ type: 'hello', peer_id: id, message_id: 'm', timestamp: 1, data: {} }),
    greeted: 'welcome',
    work: (id) => ({ type: 'ping', peer_id: id, message_id: 'm', timestamp: 1, data: { sequence: 1 } }),
    worked: 'pong',
    codeOf: ({ error }) => error?.code,
  },
  {
    path: '/signaling',
    greeting: (id) => ({ type: 'register', role: 'consumer', client_id: id, metadata: {} }),
    greeted: 'producer_list',
    work: () => ({ type: 'list_producers' }),
    worked: 'producer_list',
    codeOf: ({ code }) => code,
  },
  {
    path: '/relay',
    greeting: (id) => ({ type: 'register', client_id: id }),
    greeted: 'registered',
    work: () => ({ type: 'list_clients' }),
    worked: 'clients',
    codeOf: ({ code }) => code,
  },
];

let server: RunningServer;

beforeEach(async () => {
  const quick = { pingIntervalMs: 500 };
  const config = parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: true, peer: quick, logs: quick, relay: { ...quick, enabled: true } });
  server = await startServer(config, { logger: silentLogger });
});

afterEach(() => server.close());

/** A client with what it has received. */
class Client {
  readonly socket: WebSocket;
  readonly received: Message[] = [];
  readonly #dialect: Dialect;

  constructor(dialect: Dialect, { autoPong = true } = {}) {
    this.#dialect = dialect;
    this.socket = new WebSocket(`ws://127.0.0.1:${server.httpPort}${dialect.path}`, { autoPong });
    this.socket.on('error', () => undefined);
    this.socket.addEventListener('message', ({ data }) => this.received.push(JSON.parse(data as string)));
    onTestFinished(() => this.socket.terminate());
  }

  get codes(): (string | undefined)[] {
    return this.received.map((message) => this.#dialect.codeOf(message));
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  async greeted(id: string): Promise<this> {
    await this.opened();
    this.send(this.#dialect.greeting(id));
    await this.gets(this.#dialect.greeted);
    return this;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The types of what came; forgets all of it. Waits until one of them is this one. */
  async gets(type: string): Promise<string[]> {
    await vi.waitUntil(() => this.received.some((message) => message.type === type), DEADLINE);
    return this.received.splice(0).map((message) => message.type);
  }
}

/** One good client per dialect. */
async function bystanders(): Promise<() => Promise<void>> {
  const good = await Promise.all(DIALECTS.map(async (dialect) => ({ dialect, client: await new Client(dialect).greeted('bystander') })));
  return async () => {
    await Promise.all(good.map(async ({ dialect, client }) => {
      client.send(dialect.work('bystander'));
      await client.gets(dialect.worked);
    }));
  };
}

const DEEP = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;

describe.each(DIALECTS)('$path', (dialect) => {
  test.each([
    ['broken JSON', '{"type":'],
    ['a list', '[{"type":"register"}]'],
    ['nothing', ''],
    ['null', 'null'],
    ['deep nesting', DEEP],
    ['a type of another kind', '{"type":{"a":1}}'],
    ['names of an object', '{"type":"__proto__","constructor":1}'],
  ])('answers %s with a code and a sentence, and the client may go on', async (_what, text) => {
    const client = await new Client(dialect).opened();
    client.send(text);
    await vi.waitFor(() => expect(client.codes).toEqual([expect.stringMatching(/^\w+$/)]), DEADLINE);
    const { message = '', error = { message } } = client.received[0] ?? { type: '' };
    expect(error.message).toMatch(/^[A-Z0-9].*\.$/i);
    client.received.length = 0;
    client.send(dialect.greeting('forgiven'));
    expect(await client.gets(dialect.greeted)).toContain(dialect.greeted);
  });

  test('takes deep nesting inside a message, and its clients too', async () => {
    const client = await new Client(dialect).greeted('deep');
    client.send(`${JSON.stringify(dialect.work('deep')).slice(0, -1)},"extra":${DEEP}}`);
    expect(await client.gets(dialect.worked)).toEqual([dialect.worked]);
  });

  test.each([
    ['bytes', 1003, (client: Client) => client.socket.send(Buffer.of(1))],
    ['64 KiB and one byte', 1009, (client: Client) => client.send('x'.repeat(65_537))],
    ['1,000 messages at once', 1008, (client: Client) => Array.from({ length: 1_000 }, () => client.send(dialect.work('bad')))],
  ])('closes a client that sends %s with %i', async (_what, code, misbehave) => {
    const client = await new Client(dialect).greeted('bad');
    const closed = once(client.socket, 'close');
    misbehave(client);
    expect((await closed)[0]).toBe(code);
  });

  test('lets a client keep its id while it is alive', async () => {
    await new Client(dialect).greeted('taken');
    const second = await new Client(dialect).opened();
    second.send(dialect.greeting('taken'));
    await vi.waitFor(() => expect(second.codes).toEqual([expect.stringMatching(/busy|duplicate/i)]), DEADLINE);
  });

  test('cuts a client that answers no ping', async () => {
    const client = await new Client(dialect, { autoPong: false }).greeted('half-open');
    expect((await once(client.socket, 'close'))[0]).toBe(1006);
  });
});

test('nobody who behaves notices those who do not, on any of the dialects, and memory stays bounded', async () => {
  const work = await bystanders();
  const before = process.memoryUsage().rss;
  const idle = await Promise.all(Array.from({ length: IDLE_CLIENTS }, (_, index) => new Client(DIALECTS[index % DIALECTS.length]!).opened()));
  await work();

  const attackers = await Promise.all(DIALECTS.flatMap((dialect) => Array.from({ length: 10 }, (_, index) => new Client(dialect).greeted(`attacker ${index}`))));
  const handshakes = Array.from({ length: 50 }, () => connectTcp(server.httpPort, '127.0.0.1').on('error', () => undefined));
  for (const socket of handshakes) socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n');
  for (let round = 0; round < 20; round++) {
    for (const { socket } of attackers) for (const text of ['{', '[]', DEEP, 'x'.repeat(65_000)]) socket.send(text);
    await work();
  }
  for (const { socket } of attackers) for (let round = 0; round < 1_000; round++) socket.send('{"type":"x"}');
  await work();
  await vi.waitFor(() => expect(attackers.filter(({ socket }) => socket.readyState !== WebSocket.CLOSED)).toEqual([]), DEADLINE);
  await work();

  // Both ends of each connection are in this process, and what the attackers were told.
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * MIB);
  for (const { socket } of idle) socket.terminate();
  for (const socket of handshakes) socket.destroy();
  await work();
}, 60_000);
