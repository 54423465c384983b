import type { WebSocketLike } from '../web-socket/web-socket-like.ts';

interface FakeEvents {
  open: () => void;
  error: () => void;
  message: (event: { data: unknown }) => void;
  close: (event: { code: number; reason: string }) => void;
}

/** A WebSocket whose other end is the test. */
export class FakeWebSocket implements WebSocketLike {
  readyState = 0;
  bufferedAmount = 0;
  readonly url: string;
  /** What the client has sent. */
  readonly sent: string[] = [];
  /** With what the client closed. */
  closed: { readonly code: number | undefined; readonly reason: string | undefined } | undefined;
  readonly #listeners: { [K in keyof FakeEvents]: FakeEvents[K][] } = { open: [], error: [], message: [], close: [] };

  constructor(url: string) {
    this.url = url;
  }

  /** What the client has sent, decoded. */
  get messages(): unknown[] {
    return this.sent.map((text) => JSON.parse(text));
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closed = { code, reason };
  }

  addEventListener<K extends keyof FakeEvents>(type: K, listener: FakeEvents[K]): void {
    this.#listeners[type].push(listener);
  }

  /** The server takes the connection. */
  accept(): void {
    this.readyState = 1;
    for (const listener of this.#listeners.open) listener();
  }

  /** The server sends; what is no text is sent as JSON. */
  receive(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.receiveRaw(data);
  }

  receiveRaw(data: unknown): void {
    for (const listener of this.#listeners.message) listener({ data });
  }

  /** The connection ends; 1006 without a close frame. */
  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    if (code === 1006) for (const listener of this.#listeners.error) listener();
    for (const listener of this.#listeners.close) listener({ code, reason });
  }
}

/** A constructor of {@link FakeWebSocket}, and all that it has made. */
export function fakeWebSockets(): { readonly webSocket: new (url: string) => FakeWebSocket; readonly made: FakeWebSocket[]; latest(): FakeWebSocket } {
  const made: FakeWebSocket[] = [];
  class Recorded extends FakeWebSocket {
    constructor(url: string) {
      super(url);
      made.push(this);
    }
  }
  const latest = (): FakeWebSocket => {
    const socket = made.at(-1);
    if (!socket) throw new Error('No WebSocket was made.');
    return socket;
  };
  return { webSocket: Recorded, made, latest };
}
