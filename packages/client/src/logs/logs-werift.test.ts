import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { RTCPeerConnection } from 'werift';
import { type WebSocket, WebSocketServer } from 'ws';
import { LogHub } from '../testing/fake-log-server.ts';
import { LogConsumer } from './log-consumer.ts';
import { LogProducer, type LogProducerOptions } from './log-producer.ts';

const WAIT = { timeout: 15_000, interval: 20 };

/** Nobody answers there; without a server werift asks a public one. */
const NO_STUN_SERVER = { urls: 'stun:127.0.0.1:9' };

const undo: (() => unknown)[] = [];
const connections: RTCPeerConnection[] = [];

const CONFIGURATION = { iceServers: [NO_STUN_SERVER], iceStunGatherTimeout: 0.01, iceUseIpv6: false, iceTcpPassive: false, iceAdditionalHostAddresses: ['127.0.0.1'] };

function peerConnection(): RTCPeerConnection {
  const connection = new RTCPeerConnection(CONFIGURATION);
  connections.push(connection);
  return connection;
}

async function startServer(port = 0): Promise<{ readonly port: number; kill(): Promise<void> }> {
  const hub = new LogHub();
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  server.on('connection', (socket: WebSocket) => {
    const client = hub.connect((message) => socket.send(JSON.stringify(message)));
    socket.on('message', (data: Buffer) => client.receive(data.toString('utf8')));
    socket.on('close', () => client.end());
  });
  await once(server, 'listening');
  const kill = async (): Promise<void> => {
    for (const socket of server.clients) socket.terminate();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  undo.push(kill);
  return { port: (server.address() as AddressInfo).port, kill };
}

function produce(port: number, options: Partial<LogProducerOptions> = {}): LogProducer {
  const producer = new LogProducer({ url: `ws://127.0.0.1:${port}/signaling`, peerConnection, reconnect: { minMs: 50, maxMs: 50 }, ...options });
  undo.push(() => producer.close());
  return producer;
}

function consume(port: number) {
  const consumer = new LogConsumer({ url: `ws://127.0.0.1:${port}/signaling`, peerConnection, reconnect: { minMs: 50, maxMs: 50 } });
  undo.push(() => consumer.close());
  const heard: string[] = [];
  consumer.on('entries', ({ entries }) => heard.push(...entries.map(({ message }) => message)));
  return { consumer, heard };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

afterEach(async () => {
  for (const task of undo.splice(0).toReversed()) await task();
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
});

it('real sockets and peers: buffered lines come in order, and a killed server and a broken channel lose and double none', { timeout: 60_000 }, async () => {
  const server = await startServer();
  const producer = produce(server.port, { compression: 'always', minCompressBytes: 200 });
  const write = (lines: readonly string[]): void => lines.forEach((line) => producer.info(line, { padding: 'x'.repeat(50) }));
  write(numbers(1, 3_000));
  const [one, other] = [consume(server.port), consume(server.port)];
  await vi.waitFor(() => expect([one.heard.length, other.heard.length]).toEqual([3_000, 3_000]), WAIT);

  await server.kill();
  write(numbers(3_001, 3_100));
  await vi.waitFor(() => expect(producer.state).toBe('waiting'), WAIT);
  await startServer(server.port);
  await vi.waitFor(() => expect([producer.state, one.consumer.state, other.consumer.state]).toEqual(['registered', 'registered', 'registered']), WAIT);
  write(numbers(3_101, 3_200));
  await vi.waitFor(() => expect(one.heard).toHaveLength(3_200), WAIT);
  expect(connections).toHaveLength(4);

  // One side breaks in the middle of a burst.
  write(numbers(3_201, 6_000));
  await connections[0]!.close();
  write(numbers(6_001, 6_100));
  await vi.waitFor(() => expect([one.heard.length, other.heard.length]).toEqual([6_100, 6_100]), WAIT);
  expect([one.heard, other.heard]).toEqual([numbers(1, 6_100), numbers(1, 6_100)]);
  expect(producer.stats).toMatchObject({ dropped: 0, missed: 0 });
});

it("pino's own thread sends what a program logs, to the last line before its end", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const { heard } = consume(server.port);
  const options = { url: `ws://127.0.0.1:${server.port}/signaling`, webRtc: import.meta.resolve('werift'), configuration: CONFIGURATION };
  const transport: ReturnType<typeof pino.transport> = pino.transport({ target: new URL('adapters/pino-transport.ts', import.meta.url).href, options });
  const logger = pino(transport);
  for (const line of numbers(1, 500)) logger.info({ order: 4711 }, line);
  await vi.waitFor(() => expect(heard).toHaveLength(500), WAIT);
  for (const line of numbers(501, 600)) logger.warn(line);
  transport.end();
  await once(transport, 'close');
  await vi.waitFor(() => expect(heard).toEqual(numbers(1, 600)), WAIT);
});
