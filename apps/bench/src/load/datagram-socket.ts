import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { NativePoller } from './native-poller.ts';

/** The kernel gives as much of it as net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** A UDP socket of one peer. */
export interface DatagramSocket {
  readonly port: number;
  /** Takes each datagram; its memory is used again after the call. */
  onMessage: (datagram: Buffer) => void;
  send(datagram: Buffer, port: number): void;
  close(): void;
}

/** Opens sockets that send to one address, and are bound to it. */
export interface DatagramSockets {
  open(): Promise<DatagramSocket>;
}

/** By native calls where they work, which is a third of the cost: the load generator must not be what is measured. */
export async function createDatagramSockets(address: string): Promise<DatagramSockets> {
  const poller = await NativePoller.create(address, RECEIVE_BUFFER_BYTES);
  return { open: poller ? () => Promise.resolve(poller.open()) : () => openNodeSocket(address) };
}

async function openNodeSocket(address: string): Promise<DatagramSocket> {
  const socket = createSocket('udp4');
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  const opened: DatagramSocket = {
    port: socket.address().port,
    onMessage: () => undefined,
    send: (datagram, port) => socket.send(datagram, port, address),
    close: () => socket.close(),
  };
  socket.on('message', (datagram) => opened.onMessage(datagram));
  return opened;
}
