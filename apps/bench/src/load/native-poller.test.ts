import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { NativePoller } from './native-poller.ts';

const ADDRESS = '127.0.0.1';

const poller = await NativePoller.create(ADDRESS, 1 << 20);
const peer = createSocket('udp4');
peer.bind(0, ADDRESS);
await once(peer, 'listening');

afterEach(() => peer.close());

it.runIf(poller)('receives many datagrams whole and in order, and sends', async () => {
  const socket = poller?.open();
  if (!socket) return;
  const received: string[] = [];
  socket.onMessage = (datagram) => received.push(datagram.toString());
  // More than are taken at a time.
  const sent = Array.from({ length: 100 }, (_, index) => `datagram ${index}`.padEnd(10 * index, '.'));
  for (const text of sent) peer.send(text, socket.port, ADDRESS);
  await expect.poll(() => received).toEqual(sent);
  const echo = once(peer, 'message');
  socket.send(Buffer.from('back'), peer.address().port);
  expect(String((await echo)[0])).toBe('back');
  socket.close();
});
