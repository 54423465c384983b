import { HANDSHAKE_HEADER_LENGTH, HANDSHAKE_TYPE, type HandshakeMessage } from './message.ts';
import type { RecordOrigin } from '../record-reader.ts';

/** A peer's certificate is the longest message by far, and browsers' take under 2,000 bytes. */
const MAX_MESSAGE_LENGTH = 16_384;
/** A flight has at most six messages; nothing honest is further ahead. */
const MAX_MESSAGES_AHEAD = 8;
/** Most messages fit into so many bytes. */
const MIN_ROOM = 256;

interface Fragment extends HandshakeMessage {
  readonly totalLength: number;
  readonly offset: number;
}

interface PartialMessage {
  readonly type: number;
  /** Of the body, and room behind it. */
  readonly bytes: Buffer;
  readonly length: number;
  /** One flag per byte. */
  readonly received: Uint8Array;
  missing: number;
}

/** What {@link HandshakeReassembler} calls. */
export interface HandshakeListener {
  /** A message is whole and next in order. */
  onMessage(message: HandshakeMessage): void;
  /** The peer has sent the message delivered last once more, so it lacks our answer. */
  onRetransmission(message: HandshakeMessage): void;
}

/**
 * Puts fragments together and messages in order of message_seq (RFC 6347 section 4.2.3),
 * whatever order, duplication or overlap they come in. Holds at most 8 messages of 16 KiB.
 */
export class HandshakeReassembler {
  readonly #listener: HandshakeListener;
  readonly #partial = new Map<number, PartialMessage>();
  #nextSequence = 0;
  #lastDelivered: HandshakeMessage | undefined;

  constructor(listener: HandshakeListener) {
    this.#listener = listener;
  }

  /**
   * Takes the plaintext of one handshake record. A Finished counts only from the holder of the keys,
   * and everything else only in the clear, as one handshake is all there is.
   * @returns false when it was not well formed or out of bounds, wholly or in part
   */
  push(content: Buffer, origin: RecordOrigin): boolean {
    let offset = 0;
    while (offset < content.length) {
      const fragment = parseFragment(content, offset);
      if (fragment === undefined) return false;
      const needsKeys = fragment.type === HANDSHAKE_TYPE.finished;
      if (needsKeys !== (origin === 'keyHolder') || !this.#take(fragment)) return false;
      offset += HANDSHAKE_HEADER_LENGTH + fragment.body.length;
    }
    return true;
  }

  #take(fragment: Fragment): boolean {
    if (fragment.sequence >= this.#nextSequence + MAX_MESSAGES_AHEAD) return false;
    if (fragment.sequence < this.#nextSequence) {
      this.#noteRetransmission(fragment);
      return true;
    }
    this.#store(fragment);
    this.#deliverInOrder();
    return true;
  }

  #noteRetransmission(fragment: Fragment): void {
    const last = this.#lastDelivered;
    if (last === undefined || fragment.sequence !== last.sequence || fragment.type !== last.type) return;
    const endsMessage = fragment.offset + fragment.body.length === fragment.totalLength;
    if (endsMessage) this.#listener.onRetransmission(last);
  }

  #store(fragment: Fragment): void {
    const partial = this.#partialOf(fragment);
    for (let i = 0; i < fragment.body.length; i++) {
      const position = fragment.offset + i;
      if (partial.received[position] === 1) continue;
      partial.received[position] = 1;
      partial.missing -= 1;
    }
    fragment.body.copy(partial.bytes, fragment.offset);
  }

  /** A fragment that contradicts the ones before replaces them: the honest peer repeats itself, a forger may not. */
  #partialOf(fragment: Fragment): PartialMessage {
    const { sequence, type, totalLength } = fragment;
    const known = this.#partial.get(sequence);
    if (known && known.type === type && known.length === totalLength) return known;
    // Who contradicts himself again and again gets no new memory each time.
    const { bytes, received } = known && known.bytes.length >= totalLength ? known : createRoom(totalLength);
    received.fill(0, 0, totalLength);
    const partial: PartialMessage = { type, bytes, length: totalLength, received, missing: totalLength };
    this.#partial.set(sequence, partial);
    return partial;
  }

  #deliverInOrder(): void {
    for (;;) {
      const sequence = this.#nextSequence;
      const partial = this.#partial.get(sequence);
      if (partial === undefined || partial.missing > 0) return;
      this.#partial.delete(sequence);
      this.#nextSequence += 1;
      this.#lastDelivered = { type: partial.type, sequence, body: partial.bytes.subarray(0, partial.length) };
      this.#listener.onMessage(this.#lastDelivered);
    }
  }
}

/** By steps, so that a length that grows byte by byte needs but a few. */
function createRoom(length: number): Pick<PartialMessage, 'bytes' | 'received'> {
  const room = 2 ** Math.ceil(Math.log2(Math.max(MIN_ROOM, length)));
  return { bytes: Buffer.alloc(room), received: new Uint8Array(room) };
}

function parseFragment(content: Buffer, start: number): Fragment | undefined {
  if (start + HANDSHAKE_HEADER_LENGTH > content.length) return undefined;
  const totalLength = content.readUIntBE(start + 1, 3);
  const offset = content.readUIntBE(start + 6, 3);
  const length = content.readUIntBE(start + 9, 3);
  const bodyStart = start + HANDSHAKE_HEADER_LENGTH;
  if (totalLength > MAX_MESSAGE_LENGTH || offset + length > totalLength) return undefined;
  if (bodyStart + length > content.length) return undefined;
  return {
    type: content.readUInt8(start),
    sequence: content.readUInt16BE(start + 4),
    totalLength,
    offset,
    body: content.subarray(bodyStart, bodyStart + length),
  };
}
