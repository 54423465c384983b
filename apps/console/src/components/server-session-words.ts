import type { RemoteSocket, ServerSession } from '../api/server-sessions.ts';

/** How a session stands, in a word and a colour. */
export interface Standing {
  readonly word: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet';
}

/** `Viewer of live/demo`, `echo`. */
export function titleOf({ role, type, stream }: Pick<ServerSession, 'role' | 'type' | 'stream'>): string {
  if (!stream) return type;
  const name = `${stream.app}/${stream.stream}`;
  if (role === 'other') return `${type} of ${name}`;
  return role === 'publisher' ? `Publisher of ${name}` : `Viewer of ${name}`;
}

/** One that has ended without ever having connected is what is looked for here. */
export function standingOf({ state, endedAt, connected }: ServerSession): Standing {
  if (endedAt !== undefined) return connected || state === undefined ? { word: 'Ended', tone: 'quiet' } : { word: 'Failed', tone: 'bad' };
  if (state === 'connected' || state === undefined) return { word: state === undefined ? 'Open' : 'Connected', tone: 'good' };
  return { word: state === 'disconnected' ? 'Silent' : 'Connecting', tone: 'warn' };
}

/** `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
export function socketText({ address, port }: RemoteSocket): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
