import type { Socket } from 'node:dgram';

// Node keeps these to itself: their place was checked with Node 24.21 and 26.12, and the test beside this file says when it has moved.

/**
 * The file descriptor of a bound UDP socket, for calls that Node does not offer.
 * @returns undefined when the socket is closed, or the place is another
 */
export function socketDescriptor(socket: Socket): number | undefined {
  const descriptor = property(handleOf(socket), 'fd');
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}

/**
 * Whether Node reads from a bound UDP socket; while it does not, datagrams stay in the system's buffer and wake nobody.
 * @returns false when the socket is closed, or the place is another
 */
export function setReading(socket: Socket, reading: boolean): boolean {
  const handle = handleOf(socket);
  const change = property(handle, reading ? 'recvStart' : 'recvStop');
  if (typeof change !== 'function') return false;
  Reflect.apply(change, handle, []);
  return true;
}

function handleOf(socket: Socket): unknown {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const state: unknown = symbol && Reflect.get(socket, symbol);
  return property(state, 'handle');
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
