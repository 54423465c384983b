import { MediaError } from './errors.ts';
import type { HookBus } from './hook-bus.ts';
import type { AccessRequest } from './hook-points.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { Contribution } from './manager-types.ts';
import { NoneReaderWatch } from './none-reader.ts';
import { OnDemand } from './on-demand.ts';
import { PublishedStream, type StreamEvents } from './published-stream.ts';
import { type StreamKey, streamKeyText } from './stream-key.ts';
import type { StreamSourceStarter } from './stream-source.ts';
import type { Publication, PublicationSource, Stream, StreamRegistry } from './stream.ts';

export interface ManagedStreamsOptions {
  readonly settings: ManagerSettings;
  readonly hooks: HookBus;
  /** Readers that the stream may have for this viewer to become one, as the access hooks granted it. */
  readonly maxReadersOf: (sessionId: string) => number | undefined;
  /** Those who can start a source, see `streamSourceStarters`. */
  readonly sourceStarters: () => readonly Contribution<StreamSourceStarter>[];
}

/** The streams of one manager: who publishes them, who waits for them, who still watches. */
export class ManagedStreams implements StreamRegistry {
  readonly #options: ManagedStreamsOptions;
  readonly #onDemand: OnDemand;
  readonly #streams = new Map<string, PublishedStream>();
  #closed: MediaError | undefined;
  #readersRefused = 0;

  constructor(options: ManagedStreamsOptions) {
    this.#options = options;
    this.#onDemand = new OnDemand({
      ...options,
      isReserved: (key) => this.#streams.has(streamKeyText(key)),
      onAbandoned: (key) => this.#closeUnlessServed(key),
    });
  }

  /** Viewers refused because too many were waiting. */
  get waitersRefused(): number {
    return this.#onDemand.refused;
  }

  /** Viewers refused because their stream had too many. */
  get readersRefused(): number {
    return this.#readersRefused;
  }

  publish(key: StreamKey, source: PublicationSource): Publication {
    if (this.#closed) throw this.#closed;
    const name = streamKeyText(key);
    const existing = this.#streams.get(name);
    if (existing) {
      if (!existing.reserveFor(source)) throw new MediaError('STREAM_BUSY', 'Somebody else is already publishing this stream.');
      return publicationOf(existing, source);
    }
    const { settings } = this.#options;
    // Field by field: who passes a whole request must not have its headers told to every hook.
    const { vhost, app, stream: streamName } = key;
    const stream = new PublishedStream({ key: { vhost, app, stream: streamName }, source, settings, events: this.#eventsOf(name) });
    this.#streams.set(name, stream);
    return publicationOf(stream, source);
  }

  find(key: StreamKey): Stream | undefined {
    const stream = this.#streams.get(streamKeyText(key));
    return stream?.isServed ? stream : undefined;
  }

  list(): readonly Stream[] {
    return [...this.#streams.values()].filter((stream) => stream.isServed);
  }

  async waitFor(request: AccessRequest, signal: AbortSignal): Promise<Stream> {
    return this.find(request) ?? (await this.#onDemand.wait(request, signal));
  }

  /** Ends the wait of every viewer; nobody waits any more. */
  closeWaiting(error: MediaError): void {
    this.#onDemand.close(error);
  }

  /** Ends all streams and takes no more. */
  close(error: MediaError, reason: string): void {
    this.#closed ??= error;
    this.#onDemand.close(error);
    for (const stream of this.#streams.values()) stream.close(reason);
  }

  /** Nobody waits any more for a stream that was to be started. */
  #closeUnlessServed(key: StreamKey): void {
    const stream = this.#streams.get(streamKeyText(key));
    if (stream?.onDemand && !stream.isServed) stream.close('nobody waits for it any more');
  }

  #eventsOf(name: string): StreamEvents {
    const { settings, hooks, maxReadersOf } = this.#options;
    let watch: NoneReaderWatch | undefined;
    const watchOf = (stream: PublishedStream): NoneReaderWatch => {
      watch ??= new NoneReaderWatch({ settings, hooks }, stream);
      return watch;
    };
    return {
      maxReadersOf,
      onReaderRefused: () => {
        this.#readersRefused += 1;
      },
      onLive: (stream) => {
        this.#onDemand.serve(stream.key, stream);
        if (stream.onDemand && stream.readerCount === 0) watchOf(stream).nobodyWatches();
        hooks.notify('stream-changed', { stream: stream.key, live: true });
      },
      onEnded: (stream, wasLive, reason) => {
        watch?.stop();
        this.#streams.delete(name);
        if (wasLive) hooks.notify('stream-changed', { stream: stream.key, live: false });
        else this.#onDemand.reservationEnded(stream.key, reason);
      },
      onFirstReader: (stream) => watchOf(stream).firstReaderCame(),
      onNoReader: () => watch?.nobodyWatches(),
    };
  }
}

function publicationOf(stream: PublishedStream, source: PublicationSource): Publication {
  return {
    stream,
    live: () => stream.live(source),
    broadcast: (message, channel) => stream.broadcast(source, message, channel),
    end: (reason) => stream.end(source, reason),
    lost: (reason, graceMs) => stream.lost(source, reason, graceMs),
  };
}
