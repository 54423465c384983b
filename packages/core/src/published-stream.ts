import type { Clock, Undo } from './clock.ts';
import { MediaError } from './errors.ts';
import { callSafely } from './failures.ts';
import type { Logger } from './logger.ts';
import type { DataMessage, MediaTrack } from './media.ts';
import { type StreamKey, streamKeyText } from './stream-key.ts';
import type { PublicationSource, Reader, Stream, StreamState } from './stream.ts';

/** Who must know what happens to a stream; none of these may throw. */
export interface StreamEvents {
  onLive(stream: PublishedStream): void;
  onEnded(stream: PublishedStream, wasLive: boolean): void;
  onFirstReader(stream: PublishedStream): void;
  onNoReader(stream: PublishedStream): void;
}

export interface PublishedStreamOptions {
  readonly key: StreamKey;
  readonly source: PublicationSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: StreamEvents;
}

/** A stream with its publisher and its viewers. A listener that throws harms no other. */
export class PublishedStream implements Stream {
  readonly key: StreamKey;
  readonly #source: PublicationSource;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #events: StreamEvents;
  readonly #readers = new Set<{ readonly reader: Reader }>();
  #state: StreamState = 'reserved';
  #liveSince: number | undefined;
  #totalReaderCount = 0;

  constructor({ key, source, clock, logger, events }: PublishedStreamOptions) {
    this.key = key;
    this.#source = source;
    this.#clock = clock;
    this.#logger = logger.child({ stream: streamKeyText(key) });
    this.#events = events;
  }

  get state(): StreamState {
    return this.#state;
  }

  get tracks(): readonly MediaTrack[] {
    return this.#source.tracks;
  }

  get liveSince(): number | undefined {
    return this.#liveSince;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  get totalReaderCount(): number {
    return this.#totalReaderCount;
  }

  get publisherSessionId(): string | undefined {
    return this.#source.sessionId;
  }

  /** Query string of the publisher's request. */
  get query(): string {
    return this.#source.query ?? '';
  }

  addReader(reader: Reader): Undo {
    if (this.#state === 'ended') throw new MediaError('STREAM_ENDED', 'The stream has ended.');
    const entry = { reader };
    this.#readers.add(entry);
    this.#totalReaderCount += 1;
    if (this.#readers.size === 1) this.#events.onFirstReader(this);
    return () => {
      if (this.#readers.delete(entry) && this.#readers.size === 0) this.#events.onNoReader(this);
    };
  }

  deliver(message: DataMessage, channel: string): void {
    if (this.#state !== 'live') return;
    callSafely(this.#logger, 'Delivery of a message to the publisher', () => this.#source.deliver?.(message, channel));
  }

  close(reason: string): void {
    if (this.#state === 'ended') return;
    this.end(reason);
    callSafely(this.#logger, 'Closing of the source', () => this.#source.close(reason));
  }

  /** The publisher's side of the stream: see `Publication`. */
  live(): void {
    if (this.#state !== 'reserved') return;
    this.#state = 'live';
    this.#liveSince = this.#clock.now();
    this.#events.onLive(this);
  }

  broadcast(message: DataMessage, channel: string): void {
    for (const { reader } of this.#readers) {
      callSafely(this.#logger, 'Delivery of a message to a viewer', () => reader.onMessage?.(message, channel));
    }
  }

  end(reason: string): void {
    if (this.#state === 'ended') return;
    const wasLive = this.#state === 'live';
    this.#state = 'ended';
    const readers = [...this.#readers];
    this.#readers.clear();
    this.#events.onEnded(this, wasLive);
    for (const { reader } of readers) {
      callSafely(this.#logger, 'Telling a viewer that the stream has ended', () => reader.onEnded(reason));
    }
  }
}
