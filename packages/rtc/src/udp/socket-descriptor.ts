import type { Socket } from 'node:dgram';

/**
 * The file descriptor of a bound UDP socket, for calls that Node does not offer. Node keeps it to itself: its place
 * was checked with Node 24.21 and 26.12, and the test beside this file says when it has moved.
 * @returns undefined when the socket is closed, or the place is another
 */
export function socketDescriptor(socket: Socket): number | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const state: unknown = symbol && Reflect.get(socket, symbol);
  const handle = property(state, 'handle');
  const descriptor = property(handle, 'fd');
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
