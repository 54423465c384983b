import { type Clock, type JsonMessage, type Logger, MediaError, type RtcEngine, isJsonObject } from '@sluice/core';
import { Refusal } from '../refusal.ts';
import { HISTORY_ID } from '../registration.ts';
import type { Party } from '../room.ts';
import type { Archive } from './archive.ts';
import { Recording, RecordingCounters, type RecordingLimits } from './recording.ts';

/** Bounds of {@link Recorder}. */
export interface RecorderLimits extends RecordingLimits {
  /** Connections at a time. */
  readonly maxProducers: number;
}

/** What {@link Recorder} takes. */
export interface RecorderOptions {
  readonly limits: RecorderLimits;
  readonly engine: Pick<RtcEngine, 'createTransport'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly archive: Archive;
}

/** The server as one more consumer: it answers producers, and writes down what they log. */
export class Recorder {
  readonly counters = new RecordingCounters();
  /** Producers that were not asked for their logs, because there were too many. */
  refused = 0;
  readonly #options: RecorderOptions;
  #limits: RecorderLimits;
  readonly #recordings = new Map<string, Recording>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#limits = options.limits;
  }

  /** Connections that are there keep the bounds that they came with. */
  configure(limits: RecorderLimits): void {
    this.#limits = limits;
  }

  /** Connections that are made or being made; one may outlive the producer's WebSocket. */
  get size(): number {
    return this.#recordings.size;
  }

  /** Asks a producer that has come for its logs. */
  welcome(producer: Party): void {
    if (this.#hasRoomFor(producer)) return producer.tell({ type: 'consumer_connected', consumer_id: HISTORY_ID });
    this.refused += 1;
    this.#options.logger.warn({ clientId: producer.id, room: producer.room }, `No history is kept of ${producer.id}: there are ${this.size} producers already (logs.history.maxProducers).`);
  }

  /** Takes what a producer signals; what cannot be done is said. */
  async receive(producer: Party, message: JsonMessage): Promise<Refusal | undefined> {
    try {
      if (message['type'] === 'webrtc_offer') return await this.#answer(producer, message);
      if (message['type'] === 'ice_candidate') this.#addCandidate(producer, message);
      return undefined;
    } catch (error) {
      return this.#refusal(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#recordings.values(), (recording) => recording.close('server closing')));
  }

  async #answer(producer: Party, { sdp: offer, connection: name }: JsonMessage): Promise<Refusal | undefined> {
    if (typeof offer !== 'string') return new Refusal('bad_offer', 'sdp must be a text.', { to: HISTORY_ID });
    if (!this.#hasRoomFor(producer)) return new Refusal('history_full', 'The history is kept of as many producers as it may be (logs.history.maxProducers).', { to: HISTORY_ID });
    const connection = typeof name === 'string' ? name : undefined;
    const recording = this.#begin(producer, connection);
    const sdp = await recording.answer(offer);
    if (this.#recordings.get(keyOf(producer)) !== recording) return undefined;
    producer.tell({ type: 'webrtc_answer', from: HISTORY_ID, to: producer.id, sdp, features: ['batch', 'deflate'], ...(connection !== undefined && { connection }) });
    return undefined;
  }

  /** A new offer is a new connection; the one before was lost, or will not be used any more. */
  #begin(producer: Party, connection: string | undefined): Recording {
    const { engine, clock, logger, archive } = this.#options;
    const key = keyOf(producer);
    const transport = engine.createTransport({ label: `history of ${producer.id}` });
    const recording = new Recording({
      ...this.#limits,
      transport,
      clock,
      connection,
      counters: this.counters,
      entries: (texts) => archive.add(producer, producer.id, texts),
      closed: (reason) => {
        if (this.#recordings.get(key) === recording) this.#recordings.delete(key);
        logger.debug({ clientId: producer.id, room: producer.room, reason }, `No more history comes from ${producer.id}`);
      },
    });
    const before = this.#recordings.get(key);
    this.#recordings.set(key, recording);
    void before?.close('the producer has made another offer');
    return recording;
  }

  #addCandidate(producer: Party, { candidate: given, connection }: JsonMessage): void {
    const recording = this.#recordings.get(keyOf(producer));
    // One of a connection that is over comes too late.
    if (!recording || (connection !== undefined && recording.connection !== undefined && connection !== recording.connection)) return;
    const candidate = isJsonObject(given) ? given['candidate'] : given;
    if (candidate === undefined || candidate === null || candidate === '') return;
    if (typeof candidate !== 'string') throw new MediaError('CANDIDATE_MALFORMED', 'candidate must be a text.');
    recording.addCandidate(candidate);
  }

  #hasRoomFor(producer: Party): boolean {
    return this.#recordings.has(keyOf(producer)) || this.size < this.#limits.maxProducers;
  }

  #refusal(error: unknown): Refusal {
    const details = { to: HISTORY_ID };
    if (!MediaError.is(error)) {
      this.#options.logger.error({ err: error }, 'The history failed to handle a message of a producer');
      return new Refusal('history_unavailable', 'The history cannot be kept now.', details);
    }
    if (error.code === 'CANDIDATE_MALFORMED') return new Refusal('bad_candidate', error.message, details);
    return new Refusal(error.status < 500 ? 'bad_offer' : 'history_unavailable', error.message, details);
  }
}

function keyOf({ room, id }: Party): string {
  return JSON.stringify([room, id]);
}
