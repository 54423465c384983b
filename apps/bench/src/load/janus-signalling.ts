import type { Exchange, LocalDescriptions, Signalling } from './signalling.ts';

const PLUGIN = 'janus.plugin.videoroom';
const DEADLINE_MS = 20_000;
/** Of the only publisher of a room. */
const FEED = 1;

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly plugindata?: { readonly data: { readonly error?: string; readonly error_code?: number } };
  readonly error?: { readonly reason: string };
  readonly jsep?: Description;
}

/** The video rooms of Janus, by its API over a WebSocket: each stream is a room with one publisher, whose viewers subscribe to it. */
export class JanusSignalling implements Signalling {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, PromiseWithResolvers<Message>>();
  #transactions = 0;
  #session = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data))));
    socket.addEventListener('close', () => this.#fail());
  }

  /** @throws Error when nobody listens there */
  static async connect(url: string): Promise<JanusSignalling> {
    const socket = new WebSocket(url, 'janus-protocol');
    const opened = Promise.withResolvers<void>();
    socket.addEventListener('open', () => opened.resolve());
    socket.addEventListener('error', () => opened.reject(new Error(`Nobody speaks Janus's protocol at ${url}.`)));
    await opened.promise;
    const signalling = new JanusSignalling(socket);
    const { data } = await signalling.#request({ janus: 'create' });
    signalling.#session = data?.id ?? 0;
    return signalling;
  }

  async publish(stream: string, local: LocalDescriptions): Promise<Exchange> {
    const room = roomOf(stream);
    const startedAt = performance.now();
    const handle = await this.#attach();
    // No cap, so that nothing but the servers' own work is compared.
    await this.#tell(handle, { request: 'create', room, publishers: 1, videocodec: 'vp8', bitrate: 0, transport_wide_cc_ext: true });
    const jsep: Description = { type: 'offer', sdp: local.offer() };
    const answer = await this.#tell(handle, { request: 'joinandconfigure', ptype: 'publisher', room, id: FEED, audio: false, video: true }, jsep);
    return this.#exchange(handle, answer, startedAt);
  }

  async play(stream: string, local: LocalDescriptions): Promise<Exchange> {
    const startedAt = performance.now();
    const handle = await this.#attach();
    const offer = await this.#tell(handle, { request: 'join', ptype: 'subscriber', room: roomOf(stream), streams: [{ feed: FEED }] });
    const exchange = this.#exchange(handle, offer, startedAt);
    await this.#tell(handle, { request: 'start' }, { type: 'answer', sdp: local.answer(exchange.remote) });
    return exchange;
  }

  close(): void {
    this.#socket.close();
  }

  #exchange(handle: number, { jsep }: Message, startedAt: number): Exchange {
    if (!jsep) throw new Error('Janus gave no description.');
    return {
      remote: jsep.sdp,
      offered: jsep.type === 'answer',
      answerMs: performance.now() - startedAt,
      leave: async () => void (await this.#request({ janus: 'detach', handle_id: handle })),
    };
  }

  async #attach(): Promise<number> {
    const { data } = await this.#request({ janus: 'attach', plugin: PLUGIN });
    return data?.id ?? 0;
  }

  #tell(handle: number, body: object, jsep?: Description): Promise<Message> {
    return this.#request({ janus: 'message', handle_id: handle, body, ...(jsep && { jsep }) });
  }

  async #request(request: object): Promise<Message> {
    const transaction = String(++this.#transactions);
    const reply = Promise.withResolvers<Message>();
    this.#waiting.set(transaction, reply);
    const timer = setTimeout(() => reply.reject(new Error(`Janus did not reply to ${JSON.stringify(request)}.`)), DEADLINE_MS);
    this.#socket.send(JSON.stringify({ ...request, ...(this.#session > 0 && { session_id: this.#session }), transaction }));
    try {
      return refusalChecked(await reply.promise);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(transaction);
    }
  }

  #receive(message: Message): void {
    // An acknowledgement says only that the reply will come as an event.
    if (message.janus === 'ack' || message.transaction === undefined) return;
    this.#waiting.get(message.transaction)?.resolve(message);
  }

  #fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('Janus closed the WebSocket.'));
  }
}

function refusalChecked(message: Message): Message {
  const reason = message.error?.reason ?? message.plugindata?.data.error;
  if (reason !== undefined) throw new Error(`Janus refused: ${reason}`);
  return message;
}

/** Rooms have numbers; names of streams end in theirs. */
function roomOf(stream: string): number {
  return Number(/\d+$/.exec(stream)?.[0] ?? 0) + 1;
}
