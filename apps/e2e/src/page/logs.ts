import { LogConsumer, LogProducer } from '@sluice/client';

/** What the tests call on a page that writes or reads logs. */
export interface LogsPage {
  produce(url: string, systemName: string): void;
  /** Writes `line {from}` to `line {to}`. */
  write(from: number, to: number): void;
  consume(url: string): void;
  /** Ends all connections to producers, behind the back of who uses them. */
  breakConnections(): void;
  /** Messages of a system, in their order. */
  heard(systemName: string): readonly string[];
  /** Names of systems whose channel is open. */
  live(): readonly string[];
  /** Of the connection to the server. */
  state(): string;
}

declare global {
  interface Window {
    logs: LogsPage;
  }
}

const reconnect = { minMs: 200, maxMs: 200 };
const heard = new Map<string, string[]>();
const connections = new Set<RTCPeerConnection>();
let producer: LogProducer | undefined;
let consumer: LogConsumer | undefined;

window.logs = {
  produce(url, systemName) {
    producer = new LogProducer({ url, systemName, clientId: systemName, reconnect });
  },
  write(from, to) {
    for (let line = from; line <= to; line += 1) producer?.info(`line ${line}`, { of: 'a page' });
  },
  consume(url) {
    consumer = new LogConsumer({ url, reconnect, peerConnection: createConnection });
    consumer.on('entries', ({ producer: { systemName }, entries }) => {
      const messages = heard.get(systemName) ?? [];
      heard.set(systemName, messages);
      for (const { message } of entries) messages.push(message);
    });
  },
  breakConnections() {
    for (const connection of connections) connection.close();
    connections.clear();
  },
  heard: (systemName) => heard.get(systemName) ?? [],
  live: () => consumer?.producers.filter(({ state }) => state === 'live').map(({ systemName }) => systemName) ?? [],
  state: () => (producer ?? consumer)?.state ?? 'none',
};

function createConnection(): RTCPeerConnection {
  const connection = new RTCPeerConnection();
  connections.add(connection);
  return connection;
}
