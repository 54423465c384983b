import type { Undo } from './clock.ts';
import { MediaError } from './errors.ts';
import { callSafely } from './failures.ts';
import type { Logger } from './logger.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { DataMessage, MediaTrack } from './media.ts';
import { type StreamKey, streamKeyText } from './stream-key.ts';
import type { StreamOrigin } from './stream-source.ts';
import type { PublicationSource, Reader, Stream, StreamState } from './stream.ts';

/** Who must know what happens to a stream; none of these may throw. */
export interface StreamEvents {
  /** Readers that the stream may have for this viewer to become one; undefined = any number. */
  maxReadersOf(sessionId: string): number | undefined;
  onReaderRefused(): void;
  onLive(stream: PublishedStream): void;
  onEnded(stream: PublishedStream, wasLive: boolean, reason: string): void;
  onFirstReader(stream: PublishedStream): void;
  onNoReader(stream: PublishedStream): void;
}

export interface PublishedStreamOptions {
  readonly key: StreamKey;
  readonly source: PublicationSource;
  readonly settings: ManagerSettings;
  readonly events: StreamEvents;
}

/** Of a publisher that says nothing of it. */
const ORIGIN_STATES = { reserved: 'connecting', live: 'live', interrupted: 'retrying', ended: 'ended' } as const;

/**
 * A stream with its viewers and its publisher, which another one may take over from. A listener that throws harms no other.
 * The only timer is that of an interrupted stream, which ends when nobody comes to publish it.
 */
export class PublishedStream implements Stream {
  readonly key: StreamKey;
  readonly #settings: ManagerSettings;
  readonly #logger: Logger;
  readonly #events: StreamEvents;
  readonly #readers = new Set<{ readonly reader: Reader }>();
  #source: PublicationSource;
  /** Connects, to take over when it is live. */
  #successor: PublicationSource | undefined;
  #state: StreamState = 'reserved';
  /** Of an interrupted stream. */
  #interruption: { readonly reason: string; readonly cancelTimer: Undo | undefined } | undefined;
  #liveSince: number | undefined;
  #totalReaderCount = 0;

  constructor({ key, source, settings, events }: PublishedStreamOptions) {
    this.key = key;
    this.#source = source;
    this.#settings = settings;
    this.#logger = settings.logger.child({ stream: streamKeyText(key) });
    this.#events = events;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Whether viewers are taken. */
  get isServed(): boolean {
    return this.#state === 'live' || this.#state === 'interrupted';
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

  get origin(): StreamOrigin {
    return this.#source.origin ?? { type: 'push', state: ORIGIN_STATES[this.#state] };
  }

  get channels(): readonly string[] | undefined {
    return this.#source.channels;
  }

  /** Whether it was started for viewers. */
  get onDemand(): boolean {
    return this.#source.onDemand ?? false;
  }

  get query(): string {
    return this.#source.query ?? '';
  }

  addReader(reader: Reader): Undo {
    if (this.#state === 'ended') throw new MediaError('STREAM_ENDED', 'The stream has ended.');
    this.#refuseSurplus(reader);
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
    const sources = [this.#source, this.#successor];
    this.#end(reason);
    for (const source of sources) {
      if (source) this.#closeSource(source, reason);
    }
  }

  /** Keeps the place of the present publisher for this one, if it may have it. */
  reserveFor(successor: PublicationSource): boolean {
    if (this.#successor || !this.#mayTakeOver(successor)) return false;
    this.#successor = successor;
    return true;
  }

  /** The publishers' side of the stream: see `Publication`. */
  live(source: PublicationSource): void {
    if (source === this.#successor) this.#takeOver(source);
    if (source !== this.#source || this.#state !== 'reserved') return;
    this.#state = 'live';
    this.#liveSince = this.#settings.clock.now();
    this.#events.onLive(this);
  }

  broadcast(source: PublicationSource, message: DataMessage, channel: string): void {
    if (source !== this.#source) return;
    for (const { reader } of this.#readers) {
      callSafely(this.#logger, 'Delivery of a message to a viewer', () => reader.onMessage?.(message, channel));
    }
  }

  end(source: PublicationSource, reason: string): void {
    if (source === this.#successor) return this.#loseSuccessor();
    if (source !== this.#source || this.#state === 'interrupted') return;
    if (this.#successor && this.#state === 'live') this.#interrupt(reason, 0);
    else this.#end(reason);
  }

  lost(source: PublicationSource, reason: string, graceMs = this.#settings.rulesOf(this.key).publisherGraceMs): void {
    if (source !== this.#source || this.#state !== 'live' || graceMs === 0) this.end(source, reason);
    else this.#interrupt(reason, graceMs);
  }

  /** The publisher's grant may bound it, the viewer's, and the rules of the stream. */
  #refuseSurplus({ sessionId }: Reader): void {
    const granted = [sessionId, this.#source.sessionId].map((id) => (id === undefined ? undefined : this.#events.maxReadersOf(id)));
    const maxReaders = Math.min(...[...granted, this.#settings.rulesOf(this.key).maxReaders].map((bound) => bound ?? Infinity));
    if (this.#readers.size < maxReaders) return;
    this.#events.onReaderRefused();
    throw new MediaError('STREAM_FULL', `The stream has the ${maxReaders} viewers that it may have; try again when one has left.`);
  }

  #mayTakeOver({ identity }: PublicationSource): boolean {
    if (identity === undefined || identity !== this.#source.identity) return false;
    if (this.#state === 'interrupted') return true;
    if (this.#state !== 'live') return false;
    const { takeover } = this.#settings.rulesOf(this.key);
    return takeover === 'always' || (takeover === 'silent' && this.#source.silent === true);
  }

  /** The stream was live all the time: nobody hears of an end or a start, viewers get the new tracks. */
  #takeOver(successor: PublicationSource): void {
    const previous = this.#source;
    const wasInterrupted = this.#state === 'interrupted';
    this.#source = successor;
    this.#successor = undefined;
    this.#endInterruption();
    this.#state = 'live';
    this.#logger.info({ session: successor.sessionId, previous: previous.sessionId }, 'Another publisher has taken the stream over');
    if (!wasInterrupted) this.#closeSource(previous, 'another publisher has taken the stream over');
    for (const { reader } of this.#readers) {
      callSafely(this.#logger, 'Giving a viewer other tracks', () => reader.onTracks?.(successor.tracks));
    }
  }

  #loseSuccessor(): void {
    this.#successor = undefined;
    // Nobody waits for the publisher itself, and its successor has failed.
    if (this.#interruption && !this.#interruption.cancelTimer) this.#end(this.#interruption.reason);
  }

  /** @param graceMs 0 = only until the successor has failed */
  #interrupt(reason: string, graceMs: number): void {
    this.#state = 'interrupted';
    const cancelTimer = graceMs === 0 ? undefined : this.#settings.clock.setTimeout(() => this.#graceOver(reason), graceMs);
    this.#interruption = { reason, cancelTimer };
  }

  #graceOver(reason: string): void {
    if (this.#successor) this.#interruption = { reason, cancelTimer: undefined };
    else this.#end(reason);
  }

  #endInterruption(): void {
    this.#interruption?.cancelTimer?.();
    this.#interruption = undefined;
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return;
    const wasLive = this.isServed;
    this.#endInterruption();
    this.#state = 'ended';
    this.#successor = undefined;
    const readers = [...this.#readers];
    this.#readers.clear();
    this.#events.onEnded(this, wasLive, reason);
    for (const { reader } of readers) {
      callSafely(this.#logger, 'Telling a viewer that the stream has ended', () => reader.onEnded(reason));
    }
  }

  #closeSource(source: PublicationSource, reason: string): void {
    callSafely(this.#logger, 'Closing of the source', () => source.close(reason));
  }
}
