import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setReading, socketDescriptor } from './socket-handle.ts';

describe.runIf(process.platform === 'linux')('the handle of a socket', () => {
  it('has the descriptor of an open socket, and none of a closed one', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');

    const descriptor = socketDescriptor(socket);

    expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toMatch(/^socket:/);
    socket.close();
    expect(socketDescriptor(socket)).toBeUndefined();
  });

  it('starts and stops to read, while the socket is open', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const received: string[] = [];
    socket.on('message', (data) => received.push(data.toString()));

    expect(setReading(socket, false)).toBe(true);
    await new Promise((resolve) => {
      socket.send('kept by the system', socket.address().port, '127.0.0.1', resolve);
    });
    expect(received).toEqual([]);
    expect(setReading(socket, true)).toBe(true);

    await expect.poll(() => received).toEqual(['kept by the system']);
    socket.close();
    expect(setReading(socket, true)).toBe(false);
  });
});
