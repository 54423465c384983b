import { once } from 'node:events';
import { LoopbackPeer } from '@sluice/testing';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from '../running-server.ts';

const DEADLINE = { timeout: 20_000, interval: 10 };

/** What the server writes, as strict clients decode it. */
export interface PeerEnvelope {
  readonly type: string;
  readonly peer_id: string | number;
  readonly message_id: string | number;
  readonly timestamp: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: string };
}

/** A client of `/ws` that remembers what it was sent, and refuses what a strict decoder would refuse. */
export class PeerClient {
  readonly socket: WebSocket;
  readonly received: PeerEnvelope[] = [];
  readonly id: string | number;
  #messages = 0;

  constructor(socket: WebSocket, id: string | number) {
    this.socket = socket;
    this.id = id;
    socket.on('error', () => undefined);
    socket.addEventListener('message', ({ data }) => this.received.push(decodeStrictly(data)));
    onTestFinished(() => socket.terminate());
  }

  static async connect({ httpPort }: RunningServer, { id = 'client', query = '', autoPong = true }: { readonly id?: string | number; readonly query?: string; readonly autoPong?: boolean } = {}): Promise<PeerClient> {
    const client = new PeerClient(new WebSocket(`ws://127.0.0.1:${httpPort}/ws${query}`, { autoPong }), id);
    await once(client.socket, 'open');
    return client;
  }

  /** Connects and says hello; gives the client once it is welcome. */
  static async greet(server: RunningServer, options: Parameters<typeof PeerClient.connect>[1] & { readonly hello?: object } = {}): Promise<PeerClient> {
    const client = await PeerClient.connect(server, options);
    client.send('hello', { client_info: { name: 'test' }, capabilities: ['webrtc'], supported_protocols: ['1.0'], ...options.hello });
    await client.next('welcome');
    return client;
  }

  /** @returns its message_id */
  send(type: string, data?: unknown, changes: object = {}): string {
    this.#messages += 1;
    const messageId = `m${this.#messages}`;
    this.sendText(JSON.stringify({ type, peer_id: this.id, message_id: messageId, timestamp: Date.now(), data, ...changes }));
    return messageId;
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** The first message of this type that nobody has taken yet. */
  next(type: string): Promise<PeerEnvelope> {
    return vi.waitFor(() => {
      const message = this.received.find((candidate) => candidate.type === type);
      if (!message) throw new Error(`There is no ${type}, but ${JSON.stringify(this.received)}`);
      this.received.splice(this.received.indexOf(message), 1);
      return message;
    }, DEADLINE);
  }

  /** Sends, and gives the code of the error that comes back. */
  async refused(type: string, data?: unknown, changes: object = {}): Promise<string | undefined> {
    this.send(type, data, changes);
    return (await this.next('error')).error?.code;
  }

  /** Sends a text, and gives the code of the error that comes back. */
  async refusedText(text: string): Promise<string | undefined> {
    this.sendText(text);
    return (await this.next('error')).error?.code;
  }

  /** The code of the close frame. */
  async closed(): Promise<number> {
    const [code] = await once(this.socket, 'close');
    return code;
  }
}

/** The rules that clients in Go and Python decode by. @throws Error, which fails the test */
function decodeStrictly(text: unknown): PeerEnvelope {
  if (typeof text !== 'string') throw new Error('no text');
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) throw new Error(`no object: ${text}`);
  const { type, peer_id, message_id, timestamp, data, error } = message;
  if (typeof type !== 'string' || !isScalar(peer_id) || !isScalar(message_id)) throw new Error(`type, peer_id or message_id: ${text}`);
  if (typeof timestamp !== 'number' || !Number.isInteger(timestamp)) throw new Error(`timestamp: ${text}`);
  if ('data' in message && !isObject(data)) throw new Error(`data: ${text}`);
  if ('error' in message && !isError(error)) throw new Error(`error: ${text}`);
  return { type, peer_id, message_id, timestamp, ...(isObject(data) && { data }), ...(isError(error) && { error }) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isError(value: unknown): value is NonNullable<PeerEnvelope['error']> {
  if (!isObject(value)) return false;
  const { code, message, details = '' } = value;
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) && typeof message === 'string' && typeof details === 'string';
}

/** A WebRTC peer that answers what the server offers. */
export function answering(): LoopbackPeer {
  const peer = LoopbackPeer.answering();
  onTestFinished(() => peer.close());
  return peer;
}

export function sdpOf({ data = {} }: PeerEnvelope): string {
  const { sdp } = data;
  return isObject(sdp) && typeof sdp['sdp'] === 'string' ? sdp['sdp'] : '';
}

/** Asks for an offer and answers it. */
export async function play(client: PeerClient, data: object = {}): Promise<LoopbackPeer> {
  client.send('request-offer', { constraints: { video: true, audio: true }, codec_preferences: ['VP8'], ...data });
  const viewer = answering();
  client.send('answer', { sdp: { type: 'answer', sdp: await viewer.createAnswer(sdpOf(await client.next('offer'))) } });
  return viewer;
}

/** Publishes video, and waits until the stream is live. */
export async function publish(client: PeerClient, names: object, { channel }: { readonly channel?: string } = {}): Promise<LoopbackPeer> {
  const publisher = new LoopbackPeer({ direction: 'sendonly', kinds: ['video'], channel });
  onTestFinished(() => publisher.close());
  client.send('publish', { sdp: { type: 'offer', sdp: await publisher.createOffer() }, ...names });
  await publisher.acceptAnswer(sdpOf(await client.next('answer')));
  await vi.waitUntil(() => publisher.state === 'connected' && (channel === undefined || publisher.channelOpen), DEADLINE);
  return publisher;
}
