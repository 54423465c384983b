import type { DataMessage, Logger, RtcDataChannel, Undo } from '@sluice/core';
import { Listeners } from '../listeners.ts';

/** What happens to a stream. */
export interface ChannelEvents {
  opened(): void;
  received(message: DataMessage): void;
  closed(): void;
}

/** The stream under a channel. */
export interface ChannelStream {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Messages of all streams that wait to be sent. */
  readonly waitingMessages: number;
  /** Call it once; `opened` follows at once when the stream is open already. */
  attach(events: ChannelEvents): void;
  send(message: DataMessage): void;
  close(): void;
}

/** Bounds of what a channel sends. */
export interface ChannelLimits {
  /** Bytes of a message, from the peer's SDP; 0 = any (RFC 8841 section 6.1). */
  readonly maxMessageSize: number;
  readonly maxBufferedBytes: number;
  /** For all channels together: a small message costs far more memory than its bytes. */
  readonly maxBufferedMessages: number;
}

/** What {@link SctpDataChannel} takes. */
export interface SctpDataChannelOptions {
  readonly label: string;
  readonly stream: ChannelStream;
  readonly limits: ChannelLimits;
  readonly logger: Logger;
  onDropped(reason: 'queueFull' | 'tooLarge'): void;
}

/** A data channel over a stream of SCTP. */
export class SctpDataChannel implements RtcDataChannel {
  readonly label: string;
  readonly #options: SctpDataChannelOptions;
  readonly #messageListeners: Listeners<[DataMessage]>;
  readonly #openListeners: Listeners<[]>;
  readonly #closedListeners: Listeners<[]>;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';

  constructor(options: SctpDataChannelOptions) {
    this.label = options.label;
    this.#options = options;
    this.#messageListeners = new Listeners(options.logger);
    this.#openListeners = new Listeners(options.logger);
    this.#closedListeners = new Listeners(options.logger);
    options.stream.attach({
      opened: () => this.#opened(),
      received: (message) => this.#received(message),
      closed: () => this.#closed(),
    });
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get bufferedAmount(): number {
    return this.#options.stream.bufferedAmount;
  }

  send(message: DataMessage): boolean {
    const { stream, limits } = this.#options;
    if (this.#state !== 'open') return false;
    const size = Buffer.byteLength(message);
    if (limits.maxMessageSize > 0 && size > limits.maxMessageSize) {
      this.#options.onDropped('tooLarge');
      return false;
    }
    if (stream.bufferedAmount + size > limits.maxBufferedBytes || stream.waitingMessages >= limits.maxBufferedMessages) {
      this.#options.onDropped('queueFull');
      return false;
    }
    stream.send(message);
    return true;
  }

  onMessage(listener: (message: DataMessage) => void): Undo {
    return this.#messageListeners.add(listener);
  }

  /** Calls at once when the channel is open already. */
  onOpen(listener: () => void): Undo {
    const undo = this.#openListeners.add(listener);
    if (this.#state === 'open') listener();
    return undo;
  }

  /** Calls at once when the channel is closed already. */
  onClosed(listener: () => void): Undo {
    const undo = this.#closedListeners.add(listener);
    if (this.#state === 'closed') listener();
    return undo;
  }

  /** The peer learns it; `onClosed` follows when it has confirmed. */
  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    this.#options.stream.close();
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#openListeners.emit();
  }

  #received(message: DataMessage): void {
    if (this.#state === 'open' || this.#state === 'connecting') this.#messageListeners.emit(message);
  }

  #closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closedListeners.emit();
  }
}
