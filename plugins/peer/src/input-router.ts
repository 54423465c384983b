import type { HookPoints, PluginContext, Stream } from '@sluice/core';
import type { PeerCounters } from './counters.ts';
import type { Peer } from './peer.ts';
import type { PeerMessage } from './peer-socket.ts';
import { parseEnvelope } from './protocol/envelope.ts';
import { PeerError } from './protocol/errors.ts';
import type { Fields } from './protocol/fields.ts';
import { type InputType, isInputType, readInput } from './protocol/input.ts';

/** Label of the data channel of a publisher that takes input, and of a viewer that gives it. */
const INPUT_CHANNEL = 'input';

type InputNotice = HookPoints['input']['input'];

/** What {@link InputRouter} takes. */
export interface InputRouterOptions {
  readonly ctx: Pick<PluginContext, 'clock' | 'streams' | 'notify'>;
  readonly counters: PeerCounters;
  /** The client whose session this is. */
  readonly peerOf: (sessionId: string) => Peer | undefined;
}

/** Brings what viewers do to the publisher of their stream: on its data channel `input`, or else over its own socket. */
export class InputRouter {
  readonly #options: InputRouterOptions;
  /** What the hooks hear of us, so that we do not pass it on twice. */
  readonly #ours = new WeakSet<InputNotice>();

  constructor(options: InputRouterOptions) {
    this.#options = options;
  }

  /** Takes input from a viewer's socket. @throws PeerError SESSION_REQUIRED, CONTROL_DENIED, DATA_INVALID */
  take({ id, sessions: { viewing } }: Peer, type: InputType, message: PeerMessage): void {
    const { ctx, counters } = this.#options;
    const data = { ...readInput(type, message.data), from: id };
    const stream = viewing?.stream && ctx.streams.find(viewing.stream);
    if (!viewing || !stream) throw new PeerError('SESSION_REQUIRED', 'There is no stream to control; send request-offer first, and wait for the offer.');
    if (viewing.grant.control === false) {
      counters.countInput('refused');
      throw new PeerError('CONTROL_DENIED', 'You may watch this stream, and not control it.');
    }
    const { messageId = '', timestamp } = message;
    const sentAt = Number.isInteger(timestamp) ? timestamp : Math.floor(ctx.clock.now());
    const text = JSON.stringify({ type, peer_id: id, message_id: messageId, timestamp: sentAt, data });
    counters.countInput(this.#deliver(stream, { type, data, text }) ? 'delivered' : 'undelivered');
    const notice: InputNotice = { stream: stream.key, sessionId: viewing.id, channel: INPUT_CHANNEL, message: text };
    this.#ours.add(notice);
    ctx.notify('input', notice);
  }

  /** The same from a viewer's data channel; it has reached the publisher already if that has one itself. */
  overhear(notice: InputNotice): void {
    if (this.#ours.has(notice) || notice.channel !== INPUT_CHANNEL || typeof notice.message !== 'string') return;
    const { ctx, peerOf } = this.#options;
    const stream = ctx.streams.find(notice.stream);
    const publisher = stream?.publisherSessionId === undefined ? undefined : peerOf(stream.publisherSessionId);
    if (!publisher || (stream?.channels ?? []).length > 0) return;
    const input = inputIn(notice.message);
    if (input) publisher.socket?.send({ type: input.type, data: { ...input.data, from: peerOf(notice.sessionId)?.id ?? notice.sessionId } });
  }

  #deliver(stream: Stream, { type, data, text }: { readonly type: InputType; readonly data: Fields; readonly text: string }): boolean {
    const { channels, publisherSessionId } = stream;
    const publisher = publisherSessionId === undefined ? undefined : this.#options.peerOf(publisherSessionId);
    if (publisher && !channels?.includes(INPUT_CHANNEL)) return publisher.socket?.send({ type, data }) ?? false;
    stream.deliver(text, INPUT_CHANNEL);
    return channels === undefined || channels.length > 0;
  }
}

/** Undefined for what is no input, which others may understand. */
function inputIn(text: string): { readonly type: InputType; readonly data: Fields } | undefined {
  try {
    const { type, data = {} } = parseEnvelope(text);
    return isInputType(type) ? { type, data: readInput(type, data) } : undefined;
  } catch {
    return undefined;
  }
}
