import { Writable } from 'node:stream';
import type { PeerConnectionLike } from '../../peer-connection/peer-connection-like.ts';
import { LogProducer, type LogProducerOptions } from '../log-producer.ts';
import { type PinoOptions, pinoDestination } from './pino.ts';

/** Functions cannot be sent to a thread. */
type Unsendable = 'clock' | 'iceServers' | 'peerConnection' | 'random' | 'token' | 'webSocket';

/** What `pino.transport` is told as `options`: those of the producer, without functions, and how pino's lines are read. */
export interface PinoTransportOptions extends Omit<LogProducerOptions, Unsendable>, PinoOptions {
  /** Name or URL of a module that exports RTCPeerConnection. Default `werift`. */
  readonly webRtc?: string | undefined;
  /** What each RTCPeerConnection is made with, for example `{ iceServers: [] }`. */
  readonly configuration?: object | undefined;
  readonly token?: string | undefined;
  /** How long the end of the program waits until what it has written has arrived, milliseconds. Default 2,000. */
  readonly flushMs?: number | undefined;
}

/**
 * A transport for pino, which runs in a thread of its own: `pino(pino.transport({ target: '@sluice/client/pino-transport', options: { url } }))`.
 * @throws TypeError when the URL is none of a WebSocket, or the module exports no RTCPeerConnection
 */
// oxlint-disable-next-line import/no-default-export -- pino looks for it there
export default async function pinoTransport(options: PinoTransportOptions): Promise<Writable> {
  const { webRtc = 'werift', configuration, flushMs, target, messageKey, ...producerOptions } = options;
  const RTCPeerConnection = await peerConnectionOf(webRtc);
  const producer = new LogProducer({ ...producerOptions, target, peerConnection: () => new RTCPeerConnection(configuration) });
  const destination = pinoDestination(producer, { target, messageKey });
  let rest = '';
  return new Writable({
    decodeStrings: false,
    // The thread gives as much as fits its buffer, which may end within a line.
    write(chunk: string | Uint8Array, _encoding, done) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) destination.write(line);
      done();
    },
    final(done) {
      if (rest !== '') destination.write(rest);
      const end = (): void => {
        producer.close();
        done();
      };
      producer.flush(flushMs).then(end, end);
    },
  });
}

async function peerConnectionOf(module: string): Promise<new (configuration?: object) => PeerConnectionLike> {
  const { RTCPeerConnection }: { RTCPeerConnection?: new (configuration?: object) => PeerConnectionLike } = await import(module);
  if (typeof RTCPeerConnection !== 'function') throw new TypeError(`The module ${module} exports no RTCPeerConnection; name one that does as webRtc, such as werift.`);
  return RTCPeerConnection;
}
