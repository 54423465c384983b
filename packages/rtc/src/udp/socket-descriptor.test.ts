import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { socketDescriptor } from './socket-descriptor.ts';

describe.runIf(process.platform === 'linux')('socketDescriptor', () => {
  it('finds the descriptor of an open socket, and none of a closed one', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');

    const descriptor = socketDescriptor(socket);

    expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toMatch(/^socket:/);
    socket.close();
    expect(socketDescriptor(socket)).toBeUndefined();
  });
});
