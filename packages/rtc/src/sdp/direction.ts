import type { Direction } from '@sluice/core';

/** Whether the side that says `direction` sends. */
export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** Whether the side that says `direction` receives. */
export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** Our direction, where we are ready for `own` and the peer says `remote` (RFC 3264 section 6.1). */
export function combineDirections(remote: Direction, own: Direction): Direction {
  return directionOf(sends(own) && receives(remote), receives(own) && sends(remote));
}

/** `direction` of a side that has nothing to send. */
export function withoutSending(direction: Direction): Direction {
  return directionOf(false, receives(direction));
}

function directionOf(sending: boolean, receiving: boolean): Direction {
  if (sending) return receiving ? 'sendrecv' : 'sendonly';
  return receiving ? 'recvonly' : 'inactive';
}
