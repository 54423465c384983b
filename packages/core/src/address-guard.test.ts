import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ForbiddenAddressError, addressGuard } from './address-guard.ts';

async function listen(): Promise<{ readonly port: number; readonly from: string[] }> {
  const from: string[] = [];
  const server = createServer((socket) => {
    from.push(socket.localAddress ?? '');
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, from };
}

function outcome(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => void socket.on('connect', () => resolve('connected')).on('error', resolve));
}

test('a name is connected to at its allowed addresses only, or not at all', async () => {
  const { port, from } = await listen();
  // localhost has an IPv6 address too, where nobody listens: were it not left out, it might be tried.
  const open = addressGuard((address) => address === '127.0.0.1', 'is forbidden here');
  const closed = addressGuard(() => false, 'is forbidden here');
  for (const autoSelectFamily of [true, false]) {
    expect(await outcome(connect({ host: 'localhost', port, lookup: open.lookup, autoSelectFamily }))).toBe('connected');
    const refusal = await outcome(connect({ host: 'localhost', port, lookup: closed.lookup, autoSelectFamily }));
    expect(refusal).toBeInstanceOf(ForbiddenAddressError);
    expect(String(refusal)).toContain('is forbidden here');
    expect(String(refusal)).not.toContain('127.0.0.1');
  }
  expect(from).toEqual(['127.0.0.1', '127.0.0.1']);
});

test('a name that does not exist is said to be that', async () => {
  const guard = addressGuard(() => true, 'is forbidden here');
  expect(await outcome(connect({ host: 'nothing.invalid', port: 9, lookup: guard.lookup }))).toMatchObject({ syscall: 'getaddrinfo' });
});

test('a host that is an address is told without a look-up', () => {
  const guard = addressGuard((address) => address.startsWith('192.0.2.'), 'is forbidden here');
  expect(guard.refusalOf('192.0.2.1')).toBeUndefined();
  expect(guard.refusalOf('a.name.example')).toBeUndefined();
  expect([guard.refusalOf('10.0.0.1'), guard.refusalOf('[::1]')]).toEqual([expect.any(ForbiddenAddressError), expect.any(ForbiddenAddressError)]);
});
