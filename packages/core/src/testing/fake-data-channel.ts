import type { Undo } from '../clock.ts';
import type { DataMessage, RtcDataChannel } from '../media.ts';
import { Emitter } from './emitter.ts';

/** A data channel whose peer is the test. */
export class FakeDataChannel implements RtcDataChannel {
  readonly label: string;
  readonly bufferedAmount = 0;
  open = false;
  /** What was sent to the peer. */
  readonly sent: DataMessage[] = [];
  readonly #message = new Emitter<[message: DataMessage]>();
  readonly #opened = new Emitter<[]>();
  readonly #closed = new Emitter<[]>();

  constructor(label: string) {
    this.label = label;
  }

  send(message: DataMessage): boolean {
    if (this.open) this.sent.push(message);
    return this.open;
  }

  onMessage(listener: (message: DataMessage) => void): Undo {
    return this.#message.on(listener);
  }

  onOpen(listener: () => void): Undo {
    return this.#opened.on(listener);
  }

  onClosed(listener: () => void): Undo {
    return this.#closed.on(listener);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#closed.emit();
  }

  /** The channel is established. */
  establish(): void {
    if (this.open) return;
    this.open = true;
    this.#opened.emit();
  }

  /** The peer sends a message. */
  receive(message: DataMessage): void {
    this.#message.emit(message);
  }
}
