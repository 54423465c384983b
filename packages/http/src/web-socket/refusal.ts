import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a client does not get its WebSocket. */
export interface Refusal {
  readonly status: number;
  /** A sentence for a person. */
  readonly detail: string;
}

/** Answers an upgrade with a problem (RFC 9457) and ends the connection. */
export function refuse(socket: Duplex, { status, detail }: Refusal): void {
  const title = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  const head = `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.once('finish', () => socket.destroy());
  socket.end(head + body);
}
